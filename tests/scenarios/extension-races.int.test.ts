import type { Order } from '../../src/orders/domain/order.ts';
import { cancelOrder } from '../../src/orders/use-cases/cancel-order.ts';
import { expireOnHint, expireOverdueOrders } from '../../src/orders/use-cases/expire-orders.ts';
import { createExpirySweep } from '../../src/orders/use-cases/expiry-sweep.ts';
import { extendOrder } from '../../src/orders/use-cases/extend-order.ts';
import { placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { settlePayment } from '../../src/orders/use-cases/settle-payment.ts';
import { newId } from '../support/buyer.ts';
import {
  type ExtendingReplicas,
  end,
  holdMs,
  type Replica,
  startExtendingReplicas,
} from '../support/extending-replicas.ts';

let replicas: ExtendingReplicas;
beforeAll(async () => {
  replicas = await startExtendingReplicas();
});

const extend = (replica: Replica, { id, userId }: Order) => extendOrder(replica, { userId, orderId: id });
const pay = (replica: Replica, { id }: Order) => settlePayment(replica, id, { id: newId() });
const cancel = (replica: Replica, { id, userId }: Order) => cancelOrder(replica, { userId, orderId: id });

/** An order that has expired and whose ticket `held` has now. */
async function expiredBefore(held: Order): Promise<Order> {
  const { slow, fast, stored } = replicas;
  await cancel(slow, held);
  const expired = await placeOrder({ ...slow, holdMs: 0 }, { userId: newId(), ticketId: held.ticketId });
  if (expired.kind !== 'placed') throw new Error(expired.kind);
  await expireOnHint(fast, expired.order.id);
  expect(await stored(expired.order)).toMatchObject({ status: 'expired' });
  return expired.order;
}

interface Rival {
  /** Ends the hold by time, or would if nobody extended it. Resolves with the outcome. */
  act(replica: Replica, held: Order): Promise<unknown>;
  /** What is resolved with when the hold was extended first. */
  extended?: unknown;
  /** The status of the order then; pending if absent. */
  status?: string;
}

const rivals: Record<string, Rival> = {
  'the sweep': { act: (replica) => createExpirySweep(replica, () => undefined)() },
  'the search for overdue orders': { act: (replica) => expireOverdueOrders(replica) },
  'a hint': { act: (replica, { id }) => expireOnHint(replica, id), extended: 'not_due' },
  'a takeover': {
    act: (replica, { ticketId }) => placeOrder(replica, { userId: newId(), ticketId }),
    extended: expect.objectContaining({ kind: 'ticket_reserved' }),
  },
  // To the replica whose clock is ahead it was too late; the hold that it then finds can be cancelled.
  'a cancel past the time': {
    act: cancel,
    extended: expect.objectContaining({ kind: 'cancelled' }),
    status: 'cancelled',
  },
  'the room under the pending limit': {
    act: async (replica, { userId }) =>
      placeOrder({ ...replica, maxPending: 1 }, { userId, ticketId: await replicas.newTicket() }),
    extended: expect.objectContaining({ kind: 'too_many_pending' }),
  },
  'a late payment of the ticket': {
    async act(replica, { ticketId }) {
      const late = lateOrders.get(ticketId);
      if (!late) throw new Error('nobody has had the ticket before');
      return pay(replica, late);
    },
    extended: { kind: 'refund_due', reason: 'ticket_taken' },
  },
  'another extension past the time': {
    act: extend,
    extended: expect.objectContaining({ kind: 'extended' }),
  },
};

/** Orders that have had a ticket before, by its id. */
const lateOrders = new Map<string, Order>();

async function holdFor(name: string): Promise<Order> {
  const held = await replicas.hold();
  if (name !== 'a late payment of the ticket') return held;
  lateOrders.set(held.ticketId, await expiredBefore(held));
  const again = await placeOrder(
    { ...replicas.slow, clock: () => new Date(end - holdMs) },
    { userId: newId(), ticketId: held.ticketId },
  );
  if (again.kind !== 'placed') throw new Error(again.kind);
  return again.order;
}

/** The same replica, in which `before` happens between the first decision about this order and its write. */
function interrupted(replica: Replica, { id }: Order, before: () => Promise<unknown>): Replica {
  let isFirst = true;
  const apply: Replica['orders']['apply'] = async (change, ...rest) => {
    if (isFirst && change.expected.id === id) {
      isFirst = false;
      await before();
    }
    return replica.orders.apply(change, ...rest);
  };
  return { ...replica, orders: { ...replica.orders, apply } };
}

const extendedTo = new Date(end - 1 + holdMs);

async function expectExtended(held: Order, status = 'pending'): Promise<void> {
  const record = await replicas.stored(held);
  expect(record).toMatchObject({ status, expiresAt: extendedTo });
  expect(record.extensions).toEqual([{ n: 1, at: new Date(end - 1), from: held.expiresAt, to: extendedTo }]);
  const ids = ['0', 'extension:1', ...(status === 'pending' ? [] : ['1'])];
  expect(record.outbox.map(({ eventId }) => eventId)).toEqual(ids.map((one) => `${held.id}:${one}`));
}

async function expectExpired(held: Order): Promise<void> {
  const record = await replicas.stored(held);
  expect(record).toMatchObject({ status: 'expired', version: 1, expiresAt: held.expiresAt });
  expect(record).not.toHaveProperty('extensions');
  expect(record.outbox.map(({ eventId }) => eventId)).toEqual([`${held.id}:0`, `${held.id}:1`]);
}

describe.each(Object.entries(rivals))('When a hold is extended beside %s', (name, rival) => {
  test('and is extended between its read and its write, then the hold stands', async () => {
    const held = await holdFor(name);
    const replica = interrupted(replicas.fast, held, () => extend(replicas.slow, held));
    const outcome = await rival.act(replica, held);
    await expectExtended(held, rival.status);
    if (rival.extended !== undefined) expect(outcome).toEqual(rival.extended);
  });

  test('and has been ended between the read and the write of the extension, then it is not revived', async () => {
    const held = await holdFor(name);
    const replica = interrupted(replicas.slow, held, () => rival.act(replicas.fast, held));
    expect(await extend(replica, held)).toEqual({ kind: 'final', status: 'expired' });
    await expectExpired(held);
  });

  test('and both come at once, then one of them has it, and the other is told so', async () => {
    const { slow, fast, stored } = replicas;
    const holds = [];
    for (let i = 0; i < 12; i++) holds.push(await holdFor(name));
    await Promise.all(
      holds.map(async (held) => {
        const [outcome] = await Promise.all([extend(slow, held), rival.act(fast, held)]);
        const { status } = await stored(held);
        if (status === 'expired') {
          expect(outcome).toEqual({ kind: 'final', status: 'expired' });
          return expectExpired(held);
        }
        expect(status).toBe(rival.status ?? 'pending');
        // It may have been cancelled since.
        expect(['extended', 'final']).toContain(outcome.kind);
        return expectExtended(held, status);
      }),
    );
  });
});

test.each([
  ['payment', pay, 'paid'],
  ['cancel in time', (_replica: Replica, held: Order) => cancel(replicas.slow, held), 'cancelled'],
] as const)(
  'When a %s comes between the read and the write of an extension, then the order is that, and is not extended',
  async (_, act, status) => {
    const held = await replicas.hold();
    const replica = interrupted(replicas.slow, held, () => act(replicas.fast, held));
    expect(await extend(replica, held)).toEqual({ kind: 'final', status });
    const record = await replicas.stored(held);
    expect(record).toMatchObject({ status, version: 1 });
    expect(record).not.toHaveProperty('extensions');
  },
);

test.each([
  ['payment', pay, 'paid'],
  ['cancel in time', cancel, 'cancelled'],
] as const)(
  'When a hold is extended between the read and the write of a %s, then that is written all the same, at once',
  async (_, act, status) => {
    const { slow } = replicas;
    const held = await replicas.hold();
    const behind = { ...replicas.fast, clock: slow.clock };
    const replica = interrupted(behind, held, () => extend(slow, held));
    const { orders } = replica;
    const reads = { cancel: jest.fn(orders.findById), payment: jest.fn(orders.loadPaymentContext) };
    const counting = { ...orders, findById: reads.cancel, loadPaymentContext: reads.payment };
    await act({ ...replica, orders: counting }, held);
    expect(reads.cancel.mock.calls.length + reads.payment.mock.calls.length).toBe(1);
    await expectExtended(held, status);
  },
);

test('When one buyer asks ten times at once over two replicas, then the hold is extended once, and all get the same end', async () => {
  const { slow } = replicas;
  const other = { ...replicas.fast, clock: slow.clock };
  for (let i = 0; i < 10; i++) {
    const held = await replicas.hold();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => extend(index % 2 === 0 ? slow : other, held)),
    );
    const ends = outcomes.map((outcome) => ('order' in outcome ? outcome.order.expiresAt : outcome.kind));
    expect(ends).toEqual(Array.from({ length: 10 }, () => extendedTo));
    await expectExtended(held);
  }
});
