import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import * as transitions from '../domain/transitions.ts';
import { settlePayment } from './settle-payment.ts';

const start = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(start.getTime() + ms);
const holdMs = 1_000;
const latePayment = 'hold_again' as const;
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const [lateId, holderId] = ['a'.repeat(24), 'c'.repeat(24)];
const place = (id: string, ms: number) =>
  transitions.place({ id, userId: `user of ${id}`, ticket, holdMs }, { now: at(ms) }).order;

/** The order of `lateId` has expired, and that of `holderId` holds the ticket since 2 s after the start. */
async function takenTicket() {
  const model = memoryOrderStore(ticket);
  model.put(place(lateId, 0));
  await model.store.apply(transitions.expire(place(lateId, 0), 'expiry', { now: at(1_500) }));
  model.put(place(holderId, 2_000));
  model.events.length = 0;
  return model;
}

const subjects = (model: ReturnType<typeof memoryOrderStore>) =>
  model.events.map(({ subject, data }) => `${data.id} ${subject}`);

test('When a late payment meets a holder that is itself past its time, then that expires and the payment buys', async () => {
  const model = await takenTicket();
  const deps = { orders: model.store, clock: () => at(3_000), latePayment };
  const outcome = await settlePayment(deps, lateId, payment);
  expect(outcome).toEqual({ kind: 'paid', order: model.order(lateId) });
  expect(model.order(lateId)).toMatchObject({ status: 'paid', version: 2 });
  expect(model.order(holderId)?.history.at(-1)).toEqual({
    status: 'expired',
    version: 1,
    at: at(3_000),
    cause: 'takeover',
  });
  expect(subjects(model)).toEqual([`${holderId} order:cancelled`, `${lateId} order:paid`]);
});

test('When a late payment meets a holder that is gone a moment later, then the payment buys', async () => {
  const model = await takenTicket();
  const orders = {
    ...model.store,
    findTicketHold: async (ticketId: string) => {
      await model.store.apply(transitions.cancel(place(holderId, 2_000), { now: at(2_500) }));
      return model.store.findTicketHold(ticketId);
    },
  };
  const outcome = await settlePayment({ orders, clock: () => at(2_500), latePayment }, lateId, payment);
  expect(outcome.kind).toBe('paid');
  expect(model.order(lateId)).toMatchObject({ status: 'paid', version: 2 });
  expect(subjects(model)).toEqual([`${holderId} order:cancelled`, `${lateId} order:paid`]);
});

test('When a late payment meets a holder whose time runs, or who has paid, then it is to be given back', async () => {
  for (const [ms, change] of [
    [2_999, undefined],
    [
      9_000,
      transitions.pay(place(holderId, 2_000), { id: 'pay_2', stripeChargeId: 'ch_2' }, { now: at(2_100) }),
    ],
  ] as const) {
    const model = await takenTicket();
    if (change) await model.store.apply(change);
    const holder = model.order(holderId);
    model.events.length = 0;
    const outcome = await settlePayment(
      { orders: model.store, clock: () => at(ms), latePayment },
      lateId,
      payment,
    );
    expect(outcome).toEqual({ kind: 'refund_due', reason: 'ticket_taken' });
    expect(model.order(holderId)).toEqual(holder);
    expect(model.order(lateId)).toMatchObject({
      status: 'expired',
      version: 1,
      payments: [{ ...payment, at: at(ms), refund: 'ticket_taken', refundDueAt: at(ms) }],
    });
    expect(subjects(model)).toEqual([`${lateId} order:refund-required`]);
  }
});

test('When a payment comes for a pending order past its time, then it buys at the moment of the clock', async () => {
  const model = memoryOrderStore(ticket);
  model.put(place(lateId, 0));
  const deps = { orders: model.store, clock: () => at(5_000), latePayment };
  expect(await settlePayment(deps, lateId, payment)).toMatchObject({ kind: 'paid', order: { id: lateId } });
  expect(model.order(lateId)?.payments).toEqual([{ ...payment, at: at(5_000) }]);
  expect(model.order(lateId)?.history.at(-1)).toMatchObject({
    status: 'paid',
    cause: 'payment',
    at: at(5_000),
  });

  expect(await settlePayment(deps, lateId, payment)).toEqual({ kind: 'known' });
  const second = { ...payment, id: 'pay_2' };
  expect(await settlePayment(deps, lateId, second)).toEqual({ kind: 'refund_due', reason: 'already_paid' });
  expect(await settlePayment(deps, lateId, second)).toEqual({ kind: 'known' });
  expect(subjects(model)).toEqual([`${lateId} order:paid`, `${lateId} order:refund-required`]);
});

test('When a payment comes for a cancelled order, or for none, then it says so', async () => {
  const model = memoryOrderStore(ticket);
  model.put(place(lateId, 0));
  await model.store.apply(transitions.cancel(place(lateId, 0), { now: at(1) }));
  const deps = { orders: model.store, clock: () => at(2), latePayment };
  expect(await settlePayment(deps, lateId, payment)).toEqual({
    kind: 'refund_due',
    reason: 'order_cancelled',
  });
  expect(await settlePayment(deps, 'd'.repeat(24), payment)).toEqual({ kind: 'unknown_order' });
});

test('When the order changes between reading and writing, then the payment is decided on what it has become', async () => {
  for (const [change, outcome] of [
    [transitions.cancel(place(lateId, 0), { now: at(1) }), { kind: 'refund_due', reason: 'order_cancelled' }],
    [transitions.expire(place(lateId, 0), 'expiry', { now: at(1) }), { kind: 'paid' }],
    [transitions.pay(place(lateId, 0), payment, { now: at(1) }), { kind: 'known' }],
  ] as const) {
    const model = memoryOrderStore(ticket);
    model.put(place(lateId, 0));
    let reads = 0;
    const loadPaymentContext = async (id: string) => {
      const found = await model.store.loadPaymentContext(id);
      if (reads++ === 0) await model.store.apply(change);
      return found;
    };
    const deps = { orders: { ...model.store, loadPaymentContext }, clock: () => at(2), latePayment };
    expect(await settlePayment(deps, lateId, payment)).toMatchObject(outcome);
    expect(reads).toBe(2);
  }
});

test.each([
  ['expired already', 'order_expired'],
  ['pending past its time', undefined],
  ['pending, and expires between reading and writing', 'order_expired'],
  ['pending, and is cancelled between reading and writing', 'order_cancelled'],
  ['pending, and is paid otherwise between reading and writing', 'already_paid'],
] as const)(
  'When late payments are given back and the order is %s, then the payment is given back for: %s',
  async (state, reason) => {
    const model = memoryOrderStore(ticket);
    const order = place(lateId, 0);
    model.put(order);
    const context = { now: at(1_500) };
    const expire = transitions.expire(order, 'expiry', context);
    if (state === 'expired already') await model.store.apply(expire);
    const between = {
      'pending, and expires between reading and writing': expire,
      'pending, and is cancelled between reading and writing': transitions.cancel(order, context),
      'pending, and is paid otherwise between reading and writing': transitions.pay(
        order,
        { ...payment, id: 'other' },
        context,
      ),
    }[state as string];
    const changes = between ? [between] : [];
    const loadPaymentContext = async (id: string) => {
      const found = await model.store.loadPaymentContext(id);
      for (const change of changes.splice(0)) await model.store.apply(change);
      return found;
    };
    const deps = {
      orders: { ...model.store, loadPaymentContext },
      clock: () => at(2_000),
      latePayment: 'refund',
    } as const;
    const outcome = await settlePayment(deps, lateId, payment);
    expect(outcome).toMatchObject(reason ? { kind: 'refund_due', reason } : { kind: 'paid' });
    expect(await settlePayment(deps, lateId, payment)).toEqual({ kind: 'known' });
    const refunds = model.events.filter(({ subject }) => subject === 'order:refund-required');
    expect(refunds.map(({ data }) => data)).toMatchObject(reason ? [{ reason, paymentId: 'pay_1' }] : []);
  },
);

test('When late payments are given back and another order holds the ticket, then the reason is still that this one expired', async () => {
  const model = await takenTicket();
  const holder = model.order(holderId);
  // Even a holder that is itself past its time stays: the payment is not to buy its ticket.
  const deps = { orders: model.store, clock: () => at(9_000), latePayment: 'refund' } as const;
  expect(await settlePayment(deps, lateId, payment)).toEqual({ kind: 'refund_due', reason: 'order_expired' });
  expect(model.order(holderId)).toEqual(holder);
  expect(subjects(model)).toEqual([`${lateId} order:refund-required`]);
});

test('When a refund meets a change of its order, then it is decided again and made once', async () => {
  const model = await takenTicket();
  let refused = 0;
  const apply: typeof model.store.apply = async (change) => {
    if (!change.set && refused++ === 0) return 'outdated';
    return model.store.apply(change);
  };
  const deps = { orders: { ...model.store, apply }, clock: () => at(2_100), latePayment };
  const outcome = await settlePayment(deps, lateId, payment);
  expect(outcome).toEqual({ kind: 'refund_due', reason: 'ticket_taken' });
  expect(refused).toBe(2);
  expect(model.order(lateId)?.payments).toHaveLength(1);
});

test('When every write comes too late, then the payment stays unsettled and says so', async () => {
  const model = memoryOrderStore(ticket);
  model.put(place(lateId, 0));
  const orders = { ...model.store, apply: async () => 'outdated' as const };
  expect(await settlePayment({ orders, clock: () => start, latePayment }, lateId, payment)).toEqual({
    kind: 'conflict',
  });
});

test('When the holder that is past its time cannot be ended, then the payment fails, to be delivered again', async () => {
  const model = await takenTicket();
  const apply: typeof model.store.apply = async (change) => {
    if (change.expected.id === holderId) throw new Error('the database is away');
    return model.store.apply(change);
  };
  const deps = { orders: { ...model.store, apply }, clock: () => at(3_000), latePayment };
  await expect(settlePayment(deps, lateId, payment)).rejects.toThrow('the database is away');
  expect(model.order(lateId)?.payments).toEqual([]);
});
