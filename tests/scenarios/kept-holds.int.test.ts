import { setTimeout as pause } from 'node:timers/promises';
import mongoose, { type Connection } from 'mongoose';
import { audit } from '../../src/audit/audit.ts';
import { createAuditStore } from '../../src/audit/audit-store.ts';
import { type OrderRecord, orderModel } from '../../src/orders/store/order-model.ts';
import { createGapStore } from '../../src/tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId, placeOrder, requestOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  secondInstance,
  startTestService,
  startTwoServices,
  testConfig,
} from '../support/running-service.ts';
import { scrape } from '../support/scrape.ts';

/** Two services with a spacing on one database, and a broker. Time is real, and a test may put it forward. */
const spacingMs = 500;
const config = testConfig({ eventSpacingMs: spacingMs, orderHoldMs: 60_000 });
let ahead = 0;
const clock = () => new Date(Date.now() + ahead);
let database: Connection;
let peer: Peer;
let urls: [string, string];

beforeAll(async () => {
  database = await openDatabase(config);
  const [first, second] = await startTwoServices(config, { clock });
  urls = [first.url, second.url];
  peer = await connectPeer(config);
});

const orders = () => database.collection<OrderRecord>('orders');
const stored = (id: string) => orders().findOne({ _id: new mongoose.Types.ObjectId(id) });
const keeps = async (id: string) => (await stored(id))?.holdsTicket === true;
const sent = (id: string, subject: string) =>
  peer.seen.find((event) => event.subject === subject && event.data['id'] === id);
const endHolds = () => {
  ahead += config.orderHoldMs + 1;
};

async function cancel(url: string, id: string, buyer: Record<string, string>): Promise<number> {
  return (await fetch(`${url}/api/orders/${id}`, { method: 'DELETE', headers: buyer })).status;
}

async function reserved(url: string, ticketId: string, buyer = signedIn()) {
  const answer = await requestOrder(url, ticketId, buyer);
  const { errors } = (await answer.json()) as { errors: [Record<string, unknown>] };
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), error: errors[0] };
}

/** Buys as soon as that is possible. Resolves with the id of the order, or undefined once the ticket is sold. */
async function buyAtLast(ticketId: string, buyer = signedIn()): Promise<string | undefined> {
  let id: string | undefined;
  await eventually(
    async () => {
      const answer = await requestOrder(urls[Math.random() < 0.5 ? 0 : 1], ticketId, buyer);
      const body = (await answer.json()) as { id?: string; errors?: [{ code: string }] };
      id = body.id;
      return answer.status === 201 || body.errors?.[0].code === 'ticket_sold';
    },
    { withinMs: 30_000, everyMs: 50 },
  );
  return id;
}

async function broken() {
  const audits = createAuditStore(orderModel(database), ticketModel(database));
  const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
  const found = [];
  for await (const finding of audit({ audits, gaps, now: clock() }))
    if (finding.severity === 'broken') found.push(finding);
  return found;
}

test('When a ticket is let go, then nobody gets it until the spacing after its order:cancelled, and no order is named', async () => {
  const [ticketId, buyer] = [await storeTicket(database), signedIn()];
  const id = await placeOrder(urls[0], ticketId, buyer);
  expect(await cancel(urls[1], id, buyer)).toBe(204);
  for (const who of [buyer, signedIn()]) {
    const { status, retryAfter, error } = await reserved(urls[0], ticketId, who);
    expect([status, retryAfter]).toEqual([409, '1']);
    expect(error).toEqual({
      code: 'ticket_reserved',
      message: 'The ticket is reserved',
      availableAt: expect.any(String) as string,
    });
    expect(Date.parse(String(error['availableAt']))).toBeGreaterThan(Date.now());
  }
  const next = (await buyAtLast(ticketId)) ?? '';
  await eventually(() => sent(next, 'order:created') !== undefined);
  const [before, after] = [sent(id, 'order:cancelled')?.at ?? 0, sent(next, 'order:created')?.at ?? 0];
  // The broker's time is that of its storing, and the acknowledgement comes after it.
  expect(after - before).toBeGreaterThanOrEqual(spacingMs);
});

test('When nobody buys a ticket that was let go, then its hold ends all the same, soon after its time', async () => {
  const [ticketId, buyer] = [await storeTicket(database), signedIn()];
  const id = await placeOrder(urls[0], ticketId, buyer);
  await cancel(urls[0], id, buyer);
  await eventually(async () => (await stored(id))?.keptUntil !== undefined);
  const until = (await stored(id))?.keptUntil?.getTime() ?? 0;
  await eventually(async () => !(await keeps(id)));
  expect(clock().getTime() - until).toBeLessThan(10_000);
  expect(await stored(id)).not.toHaveProperty('keptUntil');
});

test('When one buyer places and cancels on and on, then a stranger still buys the ticket and pays for it within 30 s', async () => {
  const [ticketId, buyer] = [await storeTicket(database), signedIn()];
  const stopping = new AbortController();
  const looping = (async () => {
    const placed: string[] = [];
    while (!stopping.signal.aborted) {
      const answer = await requestOrder(urls[0], ticketId, buyer);
      const { id = '' } = (await answer.json()) as { id?: string };
      if (answer.status === 201) placed.push(id);
      if (answer.status === 201) await cancel(urls[0], id, buyer);
    }
    return placed;
  })();
  await eventually(() => peer.seen.filter(({ data }) => isOf(data, ticketId)).length >= 4, {
    withinMs: 20_000,
  });
  stopping.abort();
  const placed = await looping;
  const began = Date.now();
  const id = (await buyAtLast(ticketId)) ?? '';
  await peer.publish('payment:created', { id: newId(), orderId: id });
  await eventually(() => sent(id, 'order:paid') !== undefined, { withinMs: 30_000 });
  expect(Date.now() - began).toBeLessThan(30_000);
  for (const one of placed) expect(sent(one, 'order:cancelled')).toBeDefined();
}, 60_000);

const isOf = (data: Record<string, unknown>, ticketId: string) =>
  (data['ticket'] as { id: string } | undefined)?.id === ticketId;

/** A ticket with two expired orders, of which the second keeps its hold; both may still be paid. */
async function letGoTwice() {
  const ticketId = await storeTicket(database);
  const first = await placeOrder(urls[0], ticketId);
  await orders().updateOne(
    { _id: new mongoose.Types.ObjectId(first) },
    { $set: { expiresAt: new Date(clock().getTime() - 1) } },
  );
  await eventually(async () => (await stored(first))?.status === 'expired');
  return { ticketId, first, second: (await buyAtLast(ticketId)) ?? '' };
}

test('When late payments of both orders race with the removal of order:cancelled and with buyers, then the ticket has one holder and every payment is settled', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, letGoTwice));
  endHolds();
  const outcomes = await Promise.all(
    all.map(async ({ ticketId, first, second }, index) => {
      await eventually(async () => (await stored(second))?.status === 'expired');
      // Some come before the acknowledgement of order:cancelled, some beside the end of the hold.
      await pause((index % 4) * (spacingMs / 2));
      const pay = (orderId: string) => peer.publish('payment:created', { id: `pay ${orderId}`, orderId });
      const [bought] = await Promise.all([
        buyAtLast(ticketId),
        ...(index % 3 === 0 ? [] : [pay(first)]),
        pay(second),
      ]);
      return { ticketId, bought, paid: index % 3 === 0 ? [second] : [first, second] };
    }),
  );
  for (const { ticketId, bought, paid } of outcomes) {
    const settled = async (id: string) => (await stored(id))?.payments.length === 1;
    for (const id of paid) await eventually(() => settled(id), { withinMs: 30_000 });
    const records = await orders()
      .find({ ticketId: new mongoose.Types.ObjectId(ticketId) })
      .toArray();
    const holders = records.filter(({ status }) => status === 'pending' || status === 'paid');
    expect(holders).toHaveLength(1);
    const refunds = records.flatMap(({ payments }) => payments.map(({ refund }) => refund));
    const refunded = refunds.filter((reason) => reason === 'ticket_taken').length;
    expect(refunds.length - refunded).toBe(holders[0]?.status === 'paid' ? 1 : 0);
    if (bought) expect(holders[0]?._id.toHexString()).toBe(bought);
    else expect(holders[0]?.status).toBe('paid');
  }
  await eventually(async () => (await orders().countDocuments({ relayDueAt: { $exists: true } })) === 0, {
    withinMs: 30_000,
  });
  expect(await broken()).toEqual([]);
}, 120_000);

describe('When replicas differ in the spacing', () => {
  test('then what one at 0 lets go, or has sent, is free for the other once that has given it its time', async () => {
    const url = (await startTestService(secondInstance({ ...config, eventSpacingMs: 0 }), { clock })).url;
    const [one, other, buyer] = [await storeTicket(database), await storeTicket(database), signedIn()];
    // Let go by the one at 0: no hold is kept.
    const free = await placeOrder(urls[0], one, buyer);
    expect(await cancel(url, free, buyer)).toBe(204);
    expect(await keeps(free)).toBe(false);
    await placeOrder(urls[0], one);
    // Let go by the other, and its order:cancelled removed by the one at 0, or by 0.1, which store no time.
    const kept = await placeOrder(urls[0], other, buyer);
    await cancel(urls[0], kept, buyer);
    await eventually(async () => (await stored(kept))?.outbox.length === 0);
    await orders().updateOne(
      { _id: new mongoose.Types.ObjectId(kept) },
      { $set: { holdsTicket: true }, $unset: { keptUntil: 1 } },
    );
    expect(await reserved(urls[0], other)).toMatchObject({ status: 409 });
    expect(await stored(kept)).toHaveProperty('keptUntil');
    expect(await buyAtLast(other)).toBeDefined();
    // For the one at 0 what is kept is free.
    const third = await storeTicket(database);
    const again = await placeOrder(urls[0], third, buyer);
    await cancel(urls[0], again, buyer);
    await placeOrder(url, third);
    expect(await keeps(again)).toBe(false);
  });

  test('then the start of one at 0 frees what is left, whose events are still to be sent', async () => {
    const before = testConfig({ eventSpacingMs: 60_000 });
    const watched = await openDatabase(before);
    const service = await startTestService(before);
    const [ticketId, buyer] = [await storeTicket(watched), signedIn()];
    const id = await placeOrder(service.url, ticketId, buyer);
    await cancel(service.url, id, buyer);
    await service.stop();
    const record = () =>
      watched.collection<OrderRecord>('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
    expect(await record()).toMatchObject({ holdsTicket: true, outbox: [{ subject: 'order:cancelled' }] });

    const after = await startTestService(secondInstance({ ...before, eventSpacingMs: 0 }));
    await eventually(async () => !(await record())?.holdsTicket);
    await placeOrder(after.url, ticketId);
  });
});

test('When there is no spacing, then neither the index of kept holds nor what works with it is there', async () => {
  const plain = testConfig();
  const watched = await openDatabase(plain);
  const { url } = await startTestService(plain);
  const names = (await watched.collection('orders').indexes()).map(({ name }) => name);
  expect(names).not.toContain('kept_holds_by_end');
  expect((await database.collection('orders').indexes()).map(({ name }) => name)).toContain(
    'kept_holds_by_end',
  );
  const kinds = (samples: Awaited<ReturnType<typeof scrape>>) =>
    new Set(
      samples.filter(({ name }) => name === 'orders_failing_items').map(({ labels }) => labels['kind']),
    );
  expect(kinds(await scrape(url))).not.toContain('kept hold');
  expect(kinds(await scrape(urls[0]))).toContain('kept hold');
});
