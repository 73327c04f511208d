import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { spacedOrderStore } from '../../../tests/support/spaced-order-store.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { settlePayment } from './settle-payment.ts';

/** Late payments for a ticket that another order has let go, whose hold it keeps. */

const now = new Date('2030-01-01T00:00:00Z');
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const [lateId, keeperId, nextId] = ['a'.repeat(24), 'c'.repeat(24), 'd'.repeat(24)];
const place = (id: string) =>
  transitions.place({ id, userId: `user of ${id}`, ticket, holdMs: 1_000 }, { now }).order;

/** The order of `lateId` has expired, and that of `keeperId` was cancelled and keeps its hold. */
async function keptTicket() {
  const model = memoryOrderStore(ticket);
  model.put(place(lateId));
  await model.store.apply(transitions.expire(place(lateId), 'expiry', { now }));
  model.put(place(keeperId));
  const kept = spacedOrderStore(model);
  await kept.store.apply(transitions.cancel(place(keeperId), { now }));
  const settle = (changed: Partial<OrderStore> = {}) => {
    const orders = { ...kept.store, ...changed };
    return settlePayment({ orders, clock: () => now, latePayment: 'hold_again' }, lateId, payment);
  };
  return { model, kept, settle };
}

test('When a late payment meets a kept hold, then that ends with the payment, which buys', async () => {
  const { model, kept, settle } = await keptTicket();
  expect(await settle()).toEqual({ kind: 'paid', order: model.order(lateId) });
  expect(model.order(lateId)).toMatchObject({ status: 'paid', version: 2 });
  expect(model.order(keeperId)).toMatchObject({ status: 'cancelled', version: 1 });
  expect(kept.keptOf(ticket.id)).toBeUndefined();
});

test('When the next buyer is faster than the end of the kept hold, then the payment is decided on what there is then', async () => {
  const { model, kept, settle } = await keptTicket();
  let reads = 0;
  const outcome = await settle({
    loadPaymentContext: (orderId) => {
      reads++;
      return kept.store.loadPaymentContext(orderId);
    },
    async apply(change, keptHold) {
      if (keptHold && !model.order(nextId)) {
        await kept.store.endKeptHold(keptHold);
        model.put(place(nextId));
      }
      return kept.store.apply(change, keptHold);
    },
  });
  expect(outcome).toEqual({ kind: 'refund_due', reason: 'ticket_taken' });
  expect(reads).toBe(2);
  expect(model.order(nextId)).toMatchObject({ status: 'pending', version: 0 });
});
