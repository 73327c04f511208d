import { objectIdField } from '../../platform/http/request-fields.ts';
import type { RequestSchema } from '../../platform/http/request-schema.ts';
import { exampleOrderId } from './examples.ts';

/** The field of the path that names an order. */
export const orderId = objectIdField({
  of: 'an order',
  description: 'The id of one of your own orders.',
  example: exampleOrderId,
});

/** A request on one order that has nothing else. */
export const oneOrderRequest = { params: { orderId } } satisfies RequestSchema;
