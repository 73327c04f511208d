import type { Listener } from '../../messaging/listener.ts';
import type { ExpireOrderDeps } from '../use-cases/expire-each.ts';
import type { SettlePaymentDeps } from '../use-cases/settle-payment.ts';
import { expirationComplete, expirationCompleteSchema } from './expiration-complete.ts';
import { paymentCreated, paymentCreatedSchema } from './payment-created.ts';

/** What the orders take from peers, by subject. */
export const orderMessageSchemas = {
  'payment:created': paymentCreatedSchema,
  'expiration:complete': expirationCompleteSchema,
};

/** The listeners that settle payments and take hints that an order's time is over. */
export function orderListeners(deps: SettlePaymentDeps & ExpireOrderDeps): Listener[] {
  return [paymentCreated(deps), expirationComplete(deps)];
}
