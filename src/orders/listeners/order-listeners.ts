import type { Listener } from '../../messaging/listener.ts';
import type { ExpireOrderDeps } from '../use-cases/expire-each.ts';
import type { SettlePaymentDeps } from '../use-cases/settle-payment.ts';
import { expirationComplete, expirationCompleteSchema } from './expiration-complete.ts';
import { paymentCreated, paymentCreatedSchema } from './payment-created.ts';
import { paymentRefunded, paymentRefundedSchema } from './payment-refunded.ts';

/** The schemas of the messages about orders from other services, by subject. */
export const orderMessageSchemas = {
  'payment:created': paymentCreatedSchema,
  'payment:refunded': paymentRefundedSchema,
  'expiration:complete': expirationCompleteSchema,
};

/** The listeners that settle payments, record refunds and handle hints that an order is overdue. */
export function orderListeners(deps: SettlePaymentDeps & ExpireOrderDeps): Listener[] {
  return [paymentCreated(deps), paymentRefunded(deps), expirationComplete(deps)];
}
