import type { Order } from '../../src/orders/domain/order.ts';
import { expireOnHint, expireOverdueOrders } from '../../src/orders/use-cases/expire-orders.ts';
import { createExpirySweep } from '../../src/orders/use-cases/expiry-sweep.ts';
import { placeOrder } from '../../src/orders/use-cases/place-order.ts';
import { newId } from '../support/buyer.ts';
import {
  cancel,
  type ExtendingReplicas,
  end,
  expectExtended,
  extend,
  holdMs,
  interrupted,
  pay,
  type Replica,
  startExtendingReplicas,
} from '../support/extending-replicas.ts';

let replicas: ExtendingReplicas;
beforeAll(async () => {
  replicas = await startExtendingReplicas();
});

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
    await expectExtended(replicas, held, rival.status);
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
        return expectExtended(replicas, held, status);
      }),
    );
  });
});
