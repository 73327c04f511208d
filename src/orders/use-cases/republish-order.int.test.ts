import mongoose, { type Connection } from 'mongoose';
import { connectClient } from '../../../tests/conformance/broker-under-test.ts';
import { commandVariables } from '../../../tests/support/command-run.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { pastOrders } from '../../../tests/support/past-orders.ts';
import { connectPeer, openDatabase, type Peer, testConfig } from '../../../tests/support/running-service.ts';
import type { Broker } from '../../messaging/broker.ts';
import { completeRefund } from '../domain/refund-transitions.ts';
import { eventDataBy } from '../domain/status-names.ts';
import * as transitions from '../domain/transitions.ts';
import { orderModel } from '../store/order-model.ts';
import { createPastOrderStore } from '../store/past-order-store.ts';
import { type RepublishScope, type RepublishStep, republishOrder } from './republish-order.ts';

const config = testConfig();
const at = (seconds: number) => new Date(Date.UTC(2030, 0, 1) + seconds * 1_000);
const payment = { id: 'pay', stripeChargeId: 'ch' };
const scope: RepublishScope = { since: at(0), until: at(100), released: 'leave_out' };
let database: Connection;
let broker: Broker;
let peer: Peer;
let past: ReturnType<typeof pastOrders>;

beforeAll(async () => {
  database = await openDatabase(config);
  peer = await connectPeer(config);
  ({ broker } = connectClient(commandVariables(config)));
  await eventually(() => broker.isConnected());
  past = pastOrders(database);
});

interface Meanwhile {
  /** Called with the number of the event, from 1, that waits for its turn. */
  whileWaiting?: (turn: number) => unknown;
  signal?: AbortSignal;
  wanted?: Partial<RepublishScope>;
  eventSpacingMs?: number;
}

/** Sends the events of an order again, as it is listed now. Resolves with what happened. */
async function republish(id: string, meanwhile: Meanwhile = {}): Promise<string[]> {
  const { whileWaiting, signal = new AbortController().signal, wanted, eventSpacingMs = 0 } = meanwhile;
  let turn = 0;
  const waitTurn = async () => {
    turn++;
    await whileWaiting?.(turn);
  };
  const orders = createPastOrderStore(orderModel(database));
  const deps = { orders, broker, toData: eventDataBy(), waitTurn, eventSpacingMs, signal };
  const steps = republishOrder(deps, await orders.findPast(id), { ...scope, ...wanted });
  const seen: string[] = [];
  for await (const step of steps) seen.push(textOf(step));
  await hasSeen(id, seen.filter((text) => text.startsWith('order:')).length);
  return seen;
}

function textOf(step: RepublishStep): string {
  if (step.kind === 'sent') return step.event.subject;
  if (step.kind === 'changed') return `changed: ${step.plan.kind} ${step.plan.order.status}`;
  if (step.kind === 'rests') return `rests ${step.milliseconds}`;
  return step.kind === 'unreadable' ? String(step.problem) : step.kind;
}

/** The peer has got so many events of the order, and no more before an event that was sent after them. */
async function hasSeen(id: string, count: number): Promise<void> {
  const last = await past.place(at(0));
  for (const subject of ['order:created', 'order:paid', 'order:cancelled', 'order:refund-required']) {
    await broker.publish(subject, JSON.stringify({ last: last.id }));
    await eventually(() =>
      peer.seen.some((seen) => seen.subject === subject && seen.data['last'] === last.id),
    );
  }
  expect(peer.seen.filter(({ data }) => data['id'] === id || data['orderId'] === id)).toHaveLength(count);
}

test('When an order is as it was listed, then its events go out, in order', async () => {
  const order = await past.place(at(1));
  const bought = await past.change(transitions.pay(order, payment, { now: at(2) }));
  await past.change(
    transitions.requireRefund(bought, { ...payment, id: 'again' }, 'already_paid', { now: at(3) }),
  );
  expect(await republish(order.id)).toEqual(['order:created', 'order:paid', 'order:refund-required']);
});

test('When a refund is completed after its order was listed, then it is not asked for again, and that is reported', async () => {
  const order = await past.place(at(1));
  const due = await past.change(transitions.requireRefund(order, payment, 'ticket_taken', { now: at(2) }));
  const whileWaiting = (turn: number) =>
    turn === 2 && past.change(completeRefund(due, payment, { now: at(200) }));
  expect(await republish(order.id, { whileWaiting })).toEqual(['order:created', 'changed: send pending']);
});

test('When an order is cancelled after it was listed and before its turn, then it is left out and reported', async () => {
  const order = await past.place(at(1));
  const whileWaiting = () => past.change(transitions.cancel(order, { now: at(200) }));
  expect(await republish(order.id, { whileWaiting })).toEqual(['changed: left_out cancelled', 'left_out']);
});

test('When an order is cancelled between two of its events, then nothing more of it is sent', async () => {
  const order = await past.place(at(1));
  const refunded = await past.change(
    transitions.requireRefund(order, payment, 'ticket_taken', { now: at(2) }),
  );
  const whileWaiting = (turn: number) =>
    turn === 2 && past.change(transitions.cancel(refunded, { now: at(200) }));
  expect(await republish(order.id, { whileWaiting })).toEqual([
    'order:created',
    'changed: left_out cancelled',
    'left_out',
  ]);
});

test('When an order has expired and was paid late, then it is left out, unless all are wanted', async () => {
  const order = await past.place(at(1));
  const gone = await past.change(transitions.expire(order, 'expiry', { now: at(2) }));
  await past.change(transitions.pay(gone, payment, { now: at(3) }));
  expect(await republish(order.id)).toEqual(['left_out']);
  expect(await republish(order.id, { wanted: { until: at(1) } })).toEqual([]);
  const all = ['order:created', 'order:cancelled', 'order:paid'];
  expect(await republish(order.id, { wanted: { released: 'send' } })).toEqual(all);
});

test('When an order changes meanwhile and is still to be sent, then it is reported and sent as it is then', async () => {
  const order = await past.place(at(1));
  let bought = order;
  const whileWaiting = async (turn: number) => {
    if (turn === 1) bought = await past.change(transitions.pay(order, payment, { now: at(2) }));
    const again = { ...payment, id: 'again' };
    if (turn === 2)
      await past.change(transitions.requireRefund(bought, again, 'already_paid', { now: at(3) }));
  };
  expect(await republish(order.id, { whileWaiting })).toEqual([
    'changed: send paid',
    'order:created',
    'changed: send paid',
    'order:paid',
    'order:refund-required',
  ]);
});

test('When an order is gone or cannot be read at its turn, then that is the outcome', async () => {
  const order = await past.place(at(1));
  const _id = new mongoose.Types.ObjectId(order.id);
  const spoil = () => database.collection('orders').updateOne({ _id }, { $set: { outbox: 'nothing' } });
  expect(await republish(order.id, { whileWaiting: spoil })).toEqual([
    expect.stringContaining('is not a function'),
  ]);
  const other = await past.place(at(1));
  const remove = () => past.remove(other.id);
  expect(await republish(other.id, { whileWaiting: remove })).toEqual(['Error: there is no such order']);
});

test('When the process is to end, then no order is begun, and one that is begun is finished', async () => {
  const order = await past.place(at(1));
  await past.change(transitions.pay(order, payment, { now: at(2) }));
  const abortAt = (wanted: number) => {
    const ending = new AbortController();
    const whileWaiting = (turn: number) => turn === wanted && ending.abort('SIGTERM');
    return republish(order.id, { signal: ending.signal, whileWaiting });
  };
  await expect(abortAt(1)).rejects.toBe('SIGTERM');
  await hasSeen(order.id, 0);
  expect(await abortAt(2)).toEqual(['order:created', 'order:paid']);
});

test('When there is a spacing, then an order rests between two spaced events, and its refund waits for nothing', async () => {
  const order = await past.place(at(1));
  const gone = await past.change(transitions.expire(order, 'expiry', { now: at(2) }));
  const bought = await past.change(transitions.pay(gone, payment, { now: at(3) }));
  await past.change(
    transitions.requireRefund(bought, { ...payment, id: 'again' }, 'already_paid', { now: at(4) }),
  );
  expect(await republish(order.id, { eventSpacingMs: 6_000, wanted: { released: 'send' } })).toEqual([
    'order:created',
    'rests 6000',
    'order:cancelled',
    'rests 6000',
    'order:paid',
    'order:refund-required',
  ]);
});

test('When a spaced event comes to be while a refund waits for its turn, then the order rests before it', async () => {
  const order = await past.place(at(1));
  const gone = await past.change(transitions.expire(order, 'expiry', { now: at(2) }));
  const refunded = await past.change(
    transitions.requireRefund(gone, payment, 'ticket_taken', { now: at(3) }),
  );
  const whileWaiting = (turn: number) =>
    turn === 3 && past.change(transitions.pay(refunded, { ...payment, id: 'new' }, { now: at(4) }));
  const wanted = { released: 'send' as const };
  expect(await republish(order.id, { eventSpacingMs: 6_000, wanted, whileWaiting })).toEqual([
    'order:created',
    'rests 6000',
    'order:cancelled',
    'changed: send paid',
    'rests 6000',
    'order:paid',
    'order:refund-required',
  ]);
});
