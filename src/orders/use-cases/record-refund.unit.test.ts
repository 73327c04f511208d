import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import type { OrderChange } from '../domain/order-change.ts';
import * as refunds from '../domain/refund-transitions.ts';
import * as transitions from '../domain/transitions.ts';
import { recordRefund } from './record-refund.ts';
import { settlePayment } from './settle-payment.ts';

const now = new Date('2030-01-01T00:00:00Z');
const context = { now };
const clock = () => now;
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const id = 'a'.repeat(24);
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const { order } = transitions.place({ id, userId: 'anna', ticket, holdMs: 1_000 }, context);

function open() {
  const model = memoryOrderStore(ticket);
  model.put(order);
  const deps = { orders: model.store, clock, latePayment: 'hold_again' } as const;
  return {
    ...model,
    deps,
    pay: (one = payment) => settlePayment(deps, id, one),
    refund: (paymentId = 'pay_1') => recordRefund(deps, id, { id: paymentId }),
  };
}
const subjectsOf = ({ events }: ReturnType<typeof open>) => events.map(({ subject }) => subject);

test('When the payment that bought is given back, then the order is cancelled once, however often it is told', async () => {
  const model = open();
  await model.pay();
  expect([await model.refund(), await model.refund()]).toEqual([
    { kind: 'order_cancelled' },
    { kind: 'known' },
  ]);
  expect(model.order(id)).toMatchObject({ status: 'cancelled', version: 2 });
  // The same payment again buys nothing, and another one is for an order that is cancelled.
  expect(await model.pay()).toEqual({ kind: 'known' });
  expect(await model.pay({ ...payment, id: 'pay_2' })).toEqual({
    kind: 'refund_due',
    reason: 'order_cancelled',
  });
  expect(subjectsOf(model)).toEqual(['order:paid', 'order:cancelled', 'order:refund-required']);
});

test('When a refund that was asked for is told, then it is completed, and nobody is told', async () => {
  const model = open();
  await model.pay();
  await model.pay({ ...payment, id: 'pay_2' });
  expect([await model.refund('pay_2'), await model.refund('pay_2')]).toEqual([
    { kind: 'refund_completed' },
    { kind: 'known' },
  ]);
  expect(model.order(id)).toMatchObject({
    status: 'paid',
    payments: [{}, { refund: 'already_paid', refundDueAt: now, refundCompletedAt: now }],
  });
  expect(subjectsOf(model)).toEqual(['order:paid', 'order:refund-required']);
});

test('When a refund comes before its payment, then the payment buys nothing and asks for nothing, and its charge is kept', async () => {
  const model = open();
  expect(await model.refund()).toEqual({ kind: 'marked_ahead' });
  expect(await model.refund()).toEqual({ kind: 'known' });
  expect(await model.pay()).toEqual({ kind: 'known' });
  expect(await model.pay()).toEqual({ kind: 'known' });
  expect(model.order(id)).toMatchObject({ status: 'pending', version: 0 });
  expect(model.order(id)?.payments).toEqual([
    { ...payment, at: now, refund: 'refunded', refundCompletedAt: now },
  ]);
  expect(subjectsOf(model)).toEqual([]);
  // Another payment buys as ever.
  expect(await model.pay({ ...payment, id: 'pay_2' })).toMatchObject({ kind: 'paid' });
});

test('When the order is expired or cancelled, or paid by another payment, then a refund marks its payment only', async () => {
  for (const change of [
    transitions.expire(order, 'expiry', context),
    transitions.cancel(order, context),
    transitions.pay(order, { id: 'pay_2' }, context),
  ]) {
    const model = open();
    await model.store.apply(change);
    const { status, version } = model.order(id) ?? {};
    expect(await model.refund()).toEqual({ kind: 'marked_ahead' });
    expect(model.order(id)).toMatchObject({ status, version });
    expect(model.order(id)?.payments.at(-1)).toEqual({
      ...{ id: 'pay_1', at: now, refund: 'refunded', refundCompletedAt: now },
    });
  }
});

test('When the order changes between reading and writing, then the refund is decided on what it has become', async () => {
  for (const [change, kind] of [
    [transitions.pay(order, payment, context), 'order_cancelled'],
    [transitions.requireRefund(order, payment, 'ticket_taken', context), 'refund_completed'],
    [refunds.markAhead(order, { id: 'pay_1' }, context), 'known'],
  ] as const) {
    const model = open();
    let reads = 0;
    const findById = async (one: string) => {
      const found = await model.store.findById(one);
      if (reads++ === 0) await model.store.apply(change);
      return found;
    };
    const deps = { orders: { ...model.store, findById }, clock };
    expect(await recordRefund(deps, id, { id: 'pay_1' })).toEqual({ kind });
    expect(reads).toBe(2);
  }
});

test.each([
  ['order_cancelled', transitions.pay(order, payment, context)],
  ['refund_completed', transitions.requireRefund(order, payment, 'ticket_taken', context)],
  ['marked_ahead', undefined],
] as const)(
  'When an operator records a refund, and another change follows before it was read again, then it is %s, and known to others',
  async (kind, before) => {
    const model = open();
    if (before) await model.store.apply(before);
    const orders = {
      ...model.store,
      async apply(change: OrderChange) {
        const written = await model.store.apply(change);
        if (typeof written === 'object')
          await model.store.apply(refunds.markAhead(written, { id: 'pay_3' }, context));
        return 'outdated' as const;
      },
    };
    const byHand = { id: 'pay_1', note: 'by bank transfer' };
    expect(await recordRefund({ orders, clock }, id, byHand)).toEqual({ kind });
    for (const other of [byHand, { ...byHand, note: 'in cash' }, { id: 'pay_1' }])
      expect(await recordRefund({ orders, clock }, id, other)).toEqual({ kind: 'known' });
  },
);

test('When there is no such order, or others change it at every attempt, then it says so', async () => {
  const model = open();
  expect(await recordRefund(model.deps, 'd'.repeat(24), { id: 'pay_1' })).toEqual({ kind: 'unknown_order' });
  const orders = { ...model.store, apply: async () => 'outdated' as const };
  expect(await recordRefund({ orders, clock }, id, { id: 'pay_1' })).toEqual({ kind: 'conflict' });
});

test('When the order changes as the charge of such a payment is stored, then it is stored all the same, once', async () => {
  const model = open();
  await model.refund();
  let writes = 0;
  const apply: typeof model.store.apply = async (change) =>
    writes++ === 0 ? 'outdated' : model.store.apply(change);
  const loadPaymentContext = jest.fn(model.store.loadPaymentContext);
  const deps = { ...model.deps, orders: { ...model.store, apply, loadPaymentContext } };
  expect(await settlePayment(deps, id, payment)).toEqual({ kind: 'known' });
  expect([writes, loadPaymentContext.mock.calls.length]).toEqual([2, 2]);
  expect(model.order(id)?.payments).toMatchObject([payment]);
});
