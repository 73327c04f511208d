import mongoose, { type Connection } from 'mongoose';
import { newId, placeOrder, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  type Peer,
  startTestService,
  testConfig,
} from '../../../tests/support/running-service.ts';
import { ackWaitMs } from '../../messaging/broker.ts';
import type { OrderRecord } from '../store/order-model.ts';

const config = testConfig();
let now = new Date();
let database: Connection;
let url: string;
let peer: Peer;

beforeAll(async () => {
  database = await openDatabase(config);
  ({ url } = await startTestService(config, { clock: () => now }));
  peer = await connectPeer(config);
});

const buyer = signedIn();

const place = (ticketId: string, by = buyer) => placeOrder(url, ticketId, by);
const cancel = (id: string) => fetch(`${url}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
const objectId = (id: string) => new mongoose.Types.ObjectId(id);
const order = (id: string) => database.collection<OrderRecord>('orders').findOne({ _id: objectId(id) });
const becomes = (id: string, status: string) => eventually(async () => (await order(id))?.status === status);
const eventsOf = (id: string) => peer.seen.filter(({ data }) => data['id'] === id);
const pay = (orderId: string, id = newId()) =>
  peer.publish('payment:created', { id, orderId, stripeChargeId: `ch_${id}` });
const letter = async (data: Buffer) =>
  (await database.collection('dead_letters').find().toArray()).find((kept) =>
    data.equals(kept['data'].buffer),
  );
const seen = (id: string, subject: string) =>
  eventually(() => eventsOf(id).some((event) => event.subject === subject)).then(() =>
    eventsOf(id)
      .filter((event) => event.subject === subject)
      .map(({ data }) => data),
  );

/** Passes the end of every hold so far. */
async function expire(id: string): Promise<void> {
  now = new Date(now.getTime() + config.orderHoldMs);
  await becomes(id, 'expired');
}

test('When a ticket’s events come in any order and again, then the copy is at the last', async () => {
  const id = newId();
  for (const version of [2, 1, 2, 0, 0, 3, 1]) {
    const data = { id, version, title: `v${version}`, price: version, userId: newId() };
    await peer.publish(version === 0 ? 'ticket:created' : 'ticket:updated', data);
  }
  // A message that a busy database failed comes again.
  const afterRedelivery = { withinMs: ackWaitMs + 10_000 };
  await eventually(async () => {
    const copy = await database.collection('tickets').findOne({ _id: objectId(id) });
    return copy?.['version'] === 3 && copy['title'] === 'v3';
  }, afterRedelivery);
  // Of this ticket: those of others' tickets come, too, and may wait for ever.
  const parked = () =>
    database.collection('parked_ticket_updates').countDocuments({ ticketId: objectId(id) });
  await eventually(async () => (await parked()) === 0, afterRedelivery);
}, 90_000);

test('When messages are poisonous, then they are kept as they came and later good ones are applied', async () => {
  const marker = newId();
  const subjects = [
    ...['ticket:created', 'ticket:updated', 'payment:created', 'payment:refunded', 'expiration:complete'],
  ];
  const kinds = [
    Buffer.from(`{"marker":"${marker}"}`),
    Buffer.from(`[ "${marker}" ]`),
    Buffer.from(`"${marker}"`),
    Buffer.from(`{ "${marker}`),
    Buffer.from(`NaN ${marker}`),
    Buffer.from([0xff, 0x00, ...Buffer.from(marker)]),
    Buffer.from(JSON.stringify({ __proto__: null, id: marker, orderId: null, version: -1, price: 'x' })),
    Buffer.alloc(65 * 1024, marker),
  ];
  for (const subject of subjects) {
    for (const kind of kinds) await peer.publishRaw(subject, kind);
    await peer.publishRaw(subject, Buffer.alloc(0));
  }
  for (const kind of kinds) {
    await eventually(async () => {
      const kept = await database.collection('dead_letters').find().toArray();
      return kept.filter(({ data }) => kind.equals(data.buffer)).length === subjects.length;
    });
  }
  await eventually(async () => (await letter(Buffer.alloc(0))) !== undefined);
  const ticketId = newId();
  await peer.publish('ticket:created', {
    id: ticketId,
    version: 0,
    title: 'Good',
    price: 1,
    userId: newId(),
  });
  await eventually(
    async () => (await database.collection('tickets').findOne({ _id: objectId(ticketId) })) !== null,
  );
  const id = await place(ticketId);
  await pay(id);
  await becomes(id, 'paid');
});

test('When a payment for a pending order comes several times, then it is paid once', async () => {
  const ticketId = await storeTicket(database, { price: 12.5 });
  const [id, paymentId] = [await place(ticketId), newId()];
  await Promise.all([1, 2, 3].map(() => pay(id, paymentId)));
  const sent = await seen(id, 'order:paid');
  expect(sent).toEqual([
    expect.objectContaining({
      eventId: `${id}:1`,
      id,
      version: 1,
      status: 'paid',
      paymentId,
      ticket: { id: ticketId, price: 12.5 },
    }),
  ]);
  expect(await order(id)).toMatchObject({ version: 1, holdsTicket: true, payments: [{ id: paymentId }] });
  await pay(id, 'another');
  const [refund] = await seen(id, 'order:refund-required');
  expect(refund).toMatchObject({ orderId: id, paymentId: 'another', reason: 'already_paid', amount: 12.5 });
  expect(await order(id)).toMatchObject({ status: 'paid', version: 1 });
  expect(eventsOf(id).filter(({ subject }) => subject === 'order:paid')).toHaveLength(1);
});

test('When a payment for a cancelled order comes, then it is to be given back', async () => {
  const id = await place(await storeTicket(database));
  expect((await cancel(id)).status).toBe(204);
  await pay(id, 'late');
  expect(await seen(id, 'order:refund-required')).toEqual([
    expect.objectContaining({
      eventId: `${id}:refund:late`,
      reason: 'order_cancelled',
      stripeChargeId: 'ch_late',
    }),
  ]);
  expect(await order(id)).toMatchObject({ status: 'cancelled', version: 1 });
});

test('When a payment comes after the order expired, then it is paid if the ticket is free, else given back', async () => {
  const [free, taken] = [await storeTicket(database), await storeTicket(database)];
  const [lucky, late] = [await place(free), await place(taken)];
  await Promise.all([expire(lucky), becomes(late, 'expired')]);
  const holder = await place(taken, signedIn());
  await Promise.all([pay(lucky), pay(late)]);
  expect(await seen(lucky, 'order:paid')).toEqual([expect.objectContaining({ version: 2 })]);
  expect(await order(lucky)).toMatchObject({ status: 'paid', version: 2, holdsTicket: true });
  expect(await seen(late, 'order:refund-required')).toEqual([
    expect.objectContaining({ reason: 'ticket_taken' }),
  ]);
  expect(await order(late)).toMatchObject({ status: 'expired', version: 1 });
  expect(await order(holder)).toMatchObject({ status: 'pending', holdsTicket: true });
});

test('When one payment comes in several forms, then it is one, and a refund names the charge that it had', async () => {
  const [id, chargeId] = [await place(await storeTicket(database)), newId()];
  const send = (payment: object) => peer.publish('payment:created', payment);
  await send({ id: 12, orderId: { $oid: id } });
  await becomes(id, 'paid');
  await send({ id: '12', orderId: id, stripeChargeId: null, stripeId: 'ch_other' });
  const settles = (count: number) => eventually(async () => (await order(id))?.payments.length === count);
  // One after the other: messages are handled at the same time.
  await send({ id: { $oid: chargeId }, orderId: id, chargeId: { $oid: chargeId } });
  await settles(2);
  await send({ id: chargeId, orderId: id });
  await send({ id: 'without', orderId: id });
  await settles(3);
  expect((await order(id))?.payments).toStrictEqual([
    { id: '12', at: now },
    { id: chargeId, stripeChargeId: chargeId, at: now, refund: 'already_paid', refundDueAt: now },
    { id: 'without', at: now, refund: 'already_paid', refundDueAt: now },
  ]);
  await eventually(() => eventsOf(id).length === 4);
  const refunds = eventsOf(id).filter(({ subject }) => subject === 'order:refund-required');
  expect(refunds.map(({ data }) => [data['paymentId'], data['stripeChargeId']])).toEqual([
    [chargeId, chargeId],
    ['without', undefined],
  ]);
});

test('When a ticket’s numbers and ids come in other forms, then its copy is the same', async () => {
  const id = newId();
  const [seller, title] = [{ $oid: newId() }, 'Forms'];
  await peer.publish('ticket:created', {
    id: { $oid: id },
    version: '0',
    title,
    price: '12.50',
    userId: seller,
  });
  const update = { version: '1', title, price: { $numberDecimal: '15.00' }, orderId: { $oid: newId() } };
  await peer.publish('ticket:updated', { id, ...update });
  await eventually(async () => {
    const copy = await database.collection('tickets').findOne({ _id: objectId(id) });
    return copy?.['version'] === 1 && copy['price'] === 15;
  });
});

test('When a payment names no order, then it is a dead letter', async () => {
  const message = Buffer.from(JSON.stringify({ id: newId(), orderId: newId(), stripeChargeId: 'ch_1' }));
  await peer.publishRaw('payment:created', message);
  await eventually(async () => String((await letter(message))?.['reason']).startsWith('there is no order'));
});

test('When a hint comes early, then nothing changes, and at the end of the hold the order expires', async () => {
  const [id, unknown] = [await place(await storeTicket(database)), newId()];
  now = new Date(now.getTime() + config.orderHoldMs - 1);
  for (const orderId of [id, unknown]) await peer.publish('expiration:complete', { orderId });
  // A poison behind them shows that they were handled: messages of a subject come in order.
  const behind = Buffer.from(`behind ${id}`);
  await peer.publishRaw('expiration:complete', behind);
  await eventually(async () => (await letter(behind)) !== undefined);
  expect(await order(id)).toMatchObject({ status: 'pending', version: 0 });
  now = new Date(now.getTime() + 1);
  await peer.publish('expiration:complete', { orderId: id });
  expect(await seen(id, 'order:cancelled')).toEqual([
    expect.objectContaining({ status: 'expired', version: 1 }),
  ]);
  expect(await letter(Buffer.from(JSON.stringify({ orderId: unknown })))).toBeUndefined();
});
