import { type Listener, listener } from '../../messaging/listener.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { OrderStore } from '../store/order-store.ts';
import { expireOnHint } from '../use-cases/expire-orders.ts';
import { settlePayment } from '../use-cases/settle-payment.ts';

export interface OrderListenerParts {
  orders: OrderStore;
  clock: Clock;
}

/** The listeners that settle payments and take hints that an order's time is over. */
export function orderListeners(parts: OrderListenerParts): Listener[] {
  return [
    listener('payment:created', async ({ id, orderId, stripeChargeId }) => {
      const outcome = await settlePayment(parts, orderId, { id, stripeChargeId });
      if (outcome.kind === 'unknown_order') return { rejected: `there is no order ${orderId}` };
      if (outcome.kind === 'contended') throw new Error(`order ${orderId} is being changed all the time`);
      return { outcome: outcome.kind };
    }),
    listener('expiration:complete', async ({ orderId }) => ({ outcome: await expireOnHint(parts, orderId) })),
  ];
}
