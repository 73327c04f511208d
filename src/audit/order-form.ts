import { z } from 'zod';
import { orderStatuses } from '../orders/domain/order.ts';

/** As the driver returns it, also from another installed copy of its library. */
const objectId = z.custom((value) => (value as { _bsontype?: unknown } | null)?._bsontype === 'ObjectId', {
  error: 'is no ObjectId',
});
const count = z.int().min(0);
const status = z.enum(orderStatuses);

/**
 * What a stored order must look like to be read and changed. Fields that a later version adds are left alone, and so are
 * causes and reasons that it knows.
 */
const orderForm = z.looseObject({
  _id: objectId,
  userId: z.string(),
  status,
  version: count,
  createdAt: z.date(),
  expiresAt: z.date(),
  ticketId: objectId,
  ticket: z.looseObject({ title: z.string(), price: z.number(), version: count }),
  holdsTicket: z.boolean().optional(),
  pendingSlot: count.optional(),
  payments: z.array(
    z.looseObject({
      ...{ id: z.string(), at: z.date(), refund: z.string().optional() },
      ...{ refundDueAt: z.date().optional(), refundCompletedAt: z.date().optional() },
    }),
  ),
  history: z.array(z.looseObject({ status, version: count, at: z.date(), cause: z.string() })),
  extensions: z
    .array(z.looseObject({ n: z.int().min(1), at: z.date(), from: z.date(), to: z.date() }))
    .optional(),
  outbox: z.array(
    z.looseObject({
      ...{ eventId: z.string(), subject: z.string(), data: z.looseObject({}) },
      at: z.date().optional(),
    }),
  ),
  relayDueAt: z.date().optional(),
  spacedUntil: z.date().optional(),
  keptUntil: z.date().optional(),
});

/** Which fields of a stored order are not as they must be; undefined when all are. */
export function formFlaw(record: object): string | undefined {
  const { error } = orderForm.safeParse(record);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
