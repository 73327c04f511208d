import type { z } from 'zod';
import { holdExtendedSchema } from './hold-extended-event.ts';
import { orderCancelledSchema } from './order-cancelled-event.ts';
import { orderCreatedSchema } from './order-created-event.ts';
import type { OrderEventOf } from './order-event.ts';
import { orderPaidSchema } from './order-paid-event.ts';
import { refundRequiredSchema } from './refund-required-event.ts';

/** Every event that this service sends, by its subject. */
export const orderEventSchemas = {
  'order:created': orderCreatedSchema,
  'order:hold-extended': holdExtendedSchema,
  'order:cancelled': orderCancelledSchema,
  'order:paid': orderPaidSchema,
  'order:refund-required': refundRequiredSchema,
};

type OrderSubject = keyof typeof orderEventSchemas;

/** An event of an order, as it waits in the order's outbox. */
export type OrderEvent = {
  [S in OrderSubject]: OrderEventOf<S, z.infer<(typeof orderEventSchemas)[S]>>;
}[OrderSubject];
