import mongoose from 'mongoose';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { type CrashRig, endServices, startCrashRig } from '../support/crashing-service.ts';
import { eventually } from '../support/eventually.ts';
import { type OwnBroker, startOwnBroker } from '../support/own-broker.ts';

/** What the service sends to its servers, as it tells of the points at which it may die. */
const sends = {
  insertOfAnOrder: (sent: string) => sent.includes('insert\0') && sent.includes('order:created'),
  event: (sent: string) => sent.includes('"eventId"'),
  removalFromOutbox: (sent: string) => sent.includes('update\0') && sent.includes('outbox.0.data.version'),
  changeOf: (orderId: string) => (sent: string) =>
    sent.includes('update\0') &&
    sent.includes('lastChange') &&
    sent.includes(Buffer.from(orderId, 'hex').toString('latin1')),
};
const patient = { withinMs: 60_000 };
const whole = 120_000;
let nats: OwnBroker;

beforeAll(async () => {
  nats = await startOwnBroker();
});
afterEach(endServices, 30_000);

interface Purchase {
  ticketId: string;
  buyer: Record<string, string>;
}

async function newPurchase(rig: CrashRig, key?: string): Promise<Purchase> {
  const buyer = { ...signedIn(), ...(key !== undefined && { 'Idempotency-Key': key }) };
  return { ticketId: await storeTicket(rig.database), buyer };
}

async function buy(url: string, { ticketId, buyer }: Purchase): Promise<{ status: number; id: string }> {
  const answer = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { ...buyer, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ticketId }),
  });
  return { status: answer.status, id: ((await answer.json()) as { id: string }).id };
}

const ordersOf = ({ database }: CrashRig, { ticketId }: Purchase) =>
  database
    .collection('orders')
    .find({ ticketId: new mongoose.Types.ObjectId(ticketId) })
    .toArray();

const eventsOf = ({ peer }: CrashRig, orderId: string) =>
  peer.seen.filter(({ data }) => data['id'] === orderId).map(({ data }) => data['eventId']);

async function outboxOf(rig: CrashRig, purchase: Purchase): Promise<unknown[]> {
  const [order] = await ordersOf(rig, purchase);
  return ((order?.['outbox'] ?? ['no order']) as { eventId: string }[]).map(({ eventId }) => eventId);
}

test(
  'When the service dies after the insert, before the answer, then a retry gets that one order',
  async () => {
    const rig = await startCrashRig(nats);
    const purchase = await newPurchase(rig, newId());
    const reached = rig.taps.database.reach({ withhold: 'reply', tells: sends.insertOfAnOrder });
    const answer = buy(await rig.doomed.url(), purchase).catch(() => 'no answer');
    await reached;
    await rig.crash();
    expect(await answer).toBe('no answer');
    const [order, ...others] = await ordersOf(rig, purchase);
    expect(order).toMatchObject({ status: 'pending', outbox: [{ subject: 'order:created' }] });
    expect(others).toEqual([]);
    const id = String(order?._id);
    expect(eventsOf(rig, id)).toEqual([]);

    const url = await (await rig.restart()).url();
    expect(await buy(url, purchase)).toEqual({ status: 201, id });
    expect(await ordersOf(rig, purchase)).toHaveLength(1);
    await eventually(async () => (await outboxOf(rig, purchase)).length === 0, patient);
    await eventually(() => eventsOf(rig, id).length > 0);
    expect(new Set(eventsOf(rig, id))).toEqual(new Set([`${id}:0`]));
  },
  whole,
);

test(
  'When the service dies after the answer, before the publish, then its event is sent by the next',
  async () => {
    const rig = await startCrashRig(nats);
    const purchase = await newPurchase(rig);
    const reached = rig.taps.broker.reach({ withhold: 'request', tells: sends.event });
    const { status, id } = await buy(await rig.doomed.url(), purchase);
    expect(status).toBe(201);
    await reached;
    await rig.crash();
    expect(eventsOf(rig, id)).toEqual([]);
    expect(await outboxOf(rig, purchase)).toEqual([`${id}:0`]);

    await rig.restart();
    await eventually(() => eventsOf(rig, id).length > 0, patient);
    await eventually(async () => (await outboxOf(rig, purchase)).length === 0, patient);
    expect(eventsOf(rig, id)).toEqual([`${id}:0`]);
  },
  whole,
);

test.each([
  ['before it is acknowledged', 'broker', { withhold: 'reply', tells: sends.event }],
  ['before it leaves the outbox', 'database', { withhold: 'request', tells: sends.removalFromOutbox }],
] as const)(
  'When the service dies after the publish of an event, %s, then it is sent again with the same id',
  async (_, tap, moment) => {
    const rig = await startCrashRig(nats);
    const purchase = await newPurchase(rig);
    const reached = rig.taps[tap].reach(moment);
    const { id } = await buy(await rig.doomed.url(), purchase);
    await reached;
    await eventually(() => eventsOf(rig, id).length === 1);
    await rig.crash();
    expect(await outboxOf(rig, purchase)).toEqual([`${id}:0`]);

    await rig.restart();
    await eventually(async () => (await outboxOf(rig, purchase)).length === 0, patient);
    await eventually(() => eventsOf(rig, id).length === 2);
    expect(eventsOf(rig, id)).toEqual([`${id}:0`, `${id}:0`]);
  },
  whole,
);

test(
  'When the service dies after a cancellation whose outbox had been empty, then its event is sent by the next',
  async () => {
    const rig = await startCrashRig(nats);
    const purchase = await newPurchase(rig);
    const { id } = await buy(await rig.doomed.url(), purchase);
    await eventually(async () => (await outboxOf(rig, purchase)).length === 0, patient);
    const reached = rig.taps.broker.reach({ withhold: 'request', tells: sends.event });
    const { buyer } = purchase;
    await fetch(`${await rig.doomed.url()}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
    await reached;
    await rig.crash();
    expect(eventsOf(rig, id)).toEqual([`${id}:0`]);
    expect(await outboxOf(rig, purchase)).toEqual([`${id}:1`]);

    await rig.restart();
    await eventually(() => eventsOf(rig, id).length > 1, patient);
    expect(eventsOf(rig, id)).toEqual([`${id}:0`, `${id}:1`]);
    await eventually(async () => (await outboxOf(rig, purchase)).length === 0, patient);
  },
  whole,
);

test(
  'When the service dies in the sweep between two orders, then each of them expires exactly once',
  async () => {
    const rig = await startCrashRig(nats);
    const url = await rig.doomed.url();
    // A sweep takes up 250 orders at a time, those whose time ended last in front: the last one is alone.
    const purchases = await Promise.all(Array.from({ length: 250 }, () => newPurchase(rig)));
    const lastPurchase = await newPurchase(rig);
    const placed = await Promise.all(purchases.map((purchase) => buy(url, purchase)));
    const last = await buy(url, lastPurchase);
    // All at once, and the last one a moment before.
    const end = Date.now() + 4_000;
    const endOf = (orderId: string) => new Date(orderId === last.id ? end - 1 : end);
    await rig.database.collection('orders').bulkWrite(
      [...placed, last].map(({ id }) => ({
        updateOne: {
          filter: { _id: new mongoose.Types.ObjectId(id) },
          update: { $set: { expiresAt: endOf(id) } },
        },
      })),
    );
    const expired = () => rig.database.collection('orders').countDocuments({ status: 'expired' });
    await rig.taps.database.reach({ withhold: 'request', tells: sends.changeOf(last.id) });
    await eventually(async () => (await expired()) === 250, patient);
    await rig.crash();
    expect(await ordersOf(rig, lastPurchase)).toMatchObject([{ status: 'pending' }]);

    await rig.restart();
    await eventually(async () => (await expired()) === 251, patient);
    const orders = await rig.database.collection('orders').find().toArray();
    for (const { _id, version, history } of orders) {
      const id = _id.toHexString();
      await eventually(() => eventsOf(rig, id).includes(`${id}:1`), patient);
      expect(new Set(eventsOf(rig, id))).toEqual(new Set([`${id}:0`, `${id}:1`]));
      expect({ version, history }).toMatchObject({
        version: 1,
        history: [{ status: 'pending' }, { cause: 'expiry' }],
      });
    }
  },
  whole,
);
