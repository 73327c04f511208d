import mongoose from 'mongoose';
import { newId, requestOrder, signedIn, storeTicket } from '../support/buyer.ts';
import { type CrashingService, useCrashingServices } from '../support/crashing-service.ts';
import { eventually } from '../support/eventually.ts';
import { testedBroker } from '../support/tested-broker.ts';

/** What the service sends to its servers at the points at which it may die. */
const sends = {
  insertOfAnOrder: (sent: string) => sent.includes('insert\0') && sent.includes('order:created'),
  event: (sent: string) => sent.includes('"eventId"'),
  removalFromOutbox: (sent: string) => sent.includes('update\0') && sent.includes('outbox.0.data.version'),
  changeOf: (orderId: string) => (sent: string) =>
    sent.includes('update\0') &&
    sent.includes('lastChange') &&
    sent.includes(Buffer.from(orderId, 'hex').toString('latin1')),
};
/** JetStream knows the id of what it has stored, and stores it once. */
const timesSeen = testedBroker === 'JetStream' ? 1 : 2;
const patient = { withinMs: 60_000 };
const whole = 120_000;
const startCrashing = useCrashingServices();

interface Purchase {
  ticketId: string;
  buyer: Record<string, string>;
}

async function newPurchase(service: CrashingService, key?: string): Promise<Purchase> {
  const buyer = { ...signedIn(), ...(key !== undefined && { 'Idempotency-Key': key }) };
  return { ticketId: await storeTicket(service.database), buyer };
}

async function buy(url: string, { ticketId, buyer }: Purchase): Promise<{ status: number; id: string }> {
  const answer = await requestOrder(url, ticketId, buyer);
  return { status: answer.status, id: ((await answer.json()) as { id: string }).id };
}

const ordersOf = ({ database }: CrashingService, { ticketId }: Purchase) =>
  database
    .collection('orders')
    .find({ ticketId: new mongoose.Types.ObjectId(ticketId) })
    .toArray();

const eventsOf = ({ peer }: CrashingService, orderId: string) =>
  peer.seen.filter(({ data }) => data['id'] === orderId).map(({ data }) => data['eventId']);

async function outboxOf(service: CrashingService, purchase: Purchase): Promise<unknown[]> {
  const [order] = await ordersOf(service, purchase);
  return ((order?.['outbox'] ?? ['no order']) as { eventId: string }[]).map(({ eventId }) => eventId);
}

test(
  'When the service dies after the insert, before the answer, then a retry gets that one order',
  async () => {
    const service = await startCrashing();
    const purchase = await newPurchase(service, newId());
    const reached = service.proxies.database.stopAt({ withhold: 'reply', matches: sends.insertOfAnOrder });
    const answer = buy(service.url, purchase).catch(() => 'no answer');
    await reached;
    await service.crash();
    expect(await answer).toBe('no answer');
    const [order, ...others] = await ordersOf(service, purchase);
    expect(order).toMatchObject({ status: 'pending', outbox: [{ subject: 'order:created' }] });
    expect(others).toEqual([]);
    const id = String(order?._id);
    expect(eventsOf(service, id)).toEqual([]);

    const url = await (await service.restart()).url();
    expect(await buy(url, purchase)).toEqual({ status: 201, id });
    expect(await ordersOf(service, purchase)).toHaveLength(1);
    await eventually(async () => (await outboxOf(service, purchase)).length === 0, patient);
    await eventually(() => eventsOf(service, id).length > 0);
    expect(new Set(eventsOf(service, id))).toEqual(new Set([`${id}:0`]));
  },
  whole,
);

test(
  'When the service dies after the answer, before the publish, then its event is sent by the next',
  async () => {
    const service = await startCrashing();
    const purchase = await newPurchase(service);
    const reached = service.proxies.broker.stopAt({ withhold: 'request', matches: sends.event });
    const { status, id } = await buy(service.url, purchase);
    expect(status).toBe(201);
    await reached;
    await service.crash();
    expect(eventsOf(service, id)).toEqual([]);
    expect(await outboxOf(service, purchase)).toEqual([`${id}:0`]);

    await service.restart();
    await eventually(() => eventsOf(service, id).length > 0, patient);
    await eventually(async () => (await outboxOf(service, purchase)).length === 0, patient);
    expect(eventsOf(service, id)).toEqual([`${id}:0`]);
  },
  whole,
);

test.each([
  ['before it is acknowledged', 'broker', { withhold: 'reply', matches: sends.event }],
  ['before it leaves the outbox', 'database', { withhold: 'request', matches: sends.removalFromOutbox }],
] as const)(
  'When the service dies after the publish of an event, %s, then it is sent again with the same id',
  async (_, server, moment) => {
    const service = await startCrashing();
    const purchase = await newPurchase(service);
    const reached = service.proxies[server].stopAt(moment);
    const { id } = await buy(service.url, purchase);
    await reached;
    await eventually(() => eventsOf(service, id).length === 1);
    await service.crash();
    expect(await outboxOf(service, purchase)).toEqual([`${id}:0`]);

    const next = await service.restart();
    await eventually(async () => (await outboxOf(service, purchase)).length === 0, patient);
    const later = await buy(await next.url(), await newPurchase(service));
    await eventually(() => eventsOf(service, later.id).length === 1, patient);
    expect(eventsOf(service, id)).toEqual(Array<string>(timesSeen).fill(`${id}:0`));
  },
  whole,
);

test(
  'When the service dies after a cancellation whose outbox had been empty, then its event is sent by the next',
  async () => {
    const service = await startCrashing();
    const purchase = await newPurchase(service);
    const { id } = await buy(service.url, purchase);
    await eventually(async () => (await outboxOf(service, purchase)).length === 0, patient);
    const reached = service.proxies.broker.stopAt({ withhold: 'request', matches: sends.event });
    const { buyer } = purchase;
    await fetch(`${service.url}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
    await reached;
    await service.crash();
    expect(eventsOf(service, id)).toEqual([`${id}:0`]);
    expect(await outboxOf(service, purchase)).toEqual([`${id}:1`]);

    await service.restart();
    await eventually(() => eventsOf(service, id).length > 1, patient);
    expect(eventsOf(service, id)).toEqual([`${id}:0`, `${id}:1`]);
    await eventually(async () => (await outboxOf(service, purchase)).length === 0, patient);
  },
  whole,
);

test(
  'When the service dies in the sweep between two orders, then each of them expires exactly once',
  async () => {
    const service = await startCrashing();
    const { url } = service;
    // A sweep takes up 250 orders at a time, those whose time ended last in front: the last one is alone.
    const purchases = await Promise.all(Array.from({ length: 250 }, () => newPurchase(service)));
    const lastPurchase = await newPurchase(service);
    const placed = await Promise.all(purchases.map((purchase) => buy(url, purchase)));
    const last = await buy(url, lastPurchase);
    // All at once, and the last one a moment before.
    const end = Date.now() + 4_000;
    const endOf = (orderId: string) => new Date(orderId === last.id ? end - 1 : end);
    await service.database.collection('orders').bulkWrite(
      [...placed, last].map(({ id }) => ({
        updateOne: {
          filter: { _id: new mongoose.Types.ObjectId(id) },
          update: { $set: { expiresAt: endOf(id) } },
        },
      })),
    );
    const expired = () => service.database.collection('orders').countDocuments({ status: 'expired' });
    await service.proxies.database.stopAt({ withhold: 'request', matches: sends.changeOf(last.id) });
    await eventually(async () => (await expired()) === 250, patient);
    await service.crash();
    expect(await ordersOf(service, lastPurchase)).toMatchObject([{ status: 'pending' }]);

    await service.restart();
    await eventually(async () => (await expired()) === 251, patient);
    const orders = await service.database.collection('orders').find().toArray();
    for (const { _id, version, history } of orders) {
      const id = _id.toHexString();
      await eventually(() => eventsOf(service, id).includes(`${id}:1`), patient);
      expect(new Set(eventsOf(service, id))).toEqual(new Set([`${id}:0`, `${id}:1`]));
      expect({ version, history }).toMatchObject({
        version: 1,
        history: [{ status: 'pending' }, { cause: 'expiry' }],
      });
    }
  },
  whole,
);
