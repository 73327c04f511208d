import { unavailable } from '../../platform/http/common-errors.ts';
import { type DescribedError, errorSpec } from '../../platform/http/error-spec.ts';
import type { HttpError } from '../../platform/http/http-error.ts';
import { type JsonSchema, retryAfterHeader } from '../../platform/http/response-headers.ts';
import type { Order } from '../domain/order.ts';
import type { PlaceOrderOutcome } from '../use-cases/place-order.ts';
import { exampleExpiresAt, exampleOrderId, examplePurchasesPerMinute, idPattern } from './examples.ts';

/** What a purchase can be refused for, and as which error. */

type RefusedPurchase = Exclude<PlaceOrderOutcome, { kind: 'placed' }>;

interface OrderId {
  /** The holding order, for its own buyer alone. */
  orderId: string | undefined;
}

interface Wait {
  availableAt: Date;
  now: Date;
}

const orderId = (description: string) => ({
  schema: {
    description,
    pattern: idPattern,
    examples: [exampleOrderId],
    type: 'string',
  } satisfies JsonSchema,
  optional: true as const,
  value: (params: OrderId) => params.orderId,
});

const availableAt = (description: string) => ({
  schema: {
    type: 'string',
    format: 'date-time',
    description: `${description} ISO 8601, UTC, by the service's clock; \`Retry-After\` is the same in seconds.`,
    examples: [exampleExpiresAt],
  } satisfies JsonSchema,
  value: (params: Wait) => params.availableAt.toISOString(),
});

const retryAfter = {
  header: retryAfterHeader,
  value: (params: Wait) =>
    Math.max(1, Math.ceil((params.availableAt.getTime() - params.now.getTime()) / 1_000)),
};

const exampleWait: Wait = { availableAt: new Date(exampleExpiresAt), now: new Date(exampleExpiresAt) };

/**
 * The error of each refusal. A new kind begins in domain/decide-purchase.ts, and does not compile without an error here.
 * place-order.ts describes them to clients.
 */
export const purchaseErrors = {
  ticket_not_found: errorSpec({
    status: 404,
    code: 'ticket_not_found',
    message: 'There is no such ticket',
    details: { field: { schema: { type: 'string', const: 'ticketId' }, value: () => 'ticketId' } },
  }),
  ticket_reserved: errorSpec<Wait & OrderId>({
    status: 409,
    code: 'ticket_reserved',
    message: 'The ticket is reserved',
    description:
      'An order holds the ticket and may still be paid. It is free again at `availableAt`, or sooner if the order ' +
      'is cancelled. Where the service leaves room between its events, also for a short time after an order has let the ' +
      'ticket go, without `orderId` then: `availableAt` may be the earliest possible time, so try again then.',
    details: {
      availableAt: availableAt(
        'When the hold ends if it is not paid; the earliest time at which a ticket that was let go may be free.',
      ),
      orderId: orderId('Your own order, when it is you who holds the ticket: go on with that one.'),
    },
    headers: [retryAfter],
    example: { ...exampleWait, orderId: undefined },
  }),
  ticket_sold: errorSpec<OrderId>({
    status: 409,
    code: 'ticket_sold',
    message: 'The ticket is sold',
    description: 'The ticket is paid for. There is nothing to wait for.',
    details: {
      orderId: orderId('Your own order, when it is you who bought the ticket: it is yours already.'),
    },
    example: { orderId: undefined },
  }),
  too_many_pending: errorSpec<Wait & { limit: number }>({
    status: 409,
    code: 'too_many_pending',
    message: ({ limit }) =>
      `At most ${limit} of your orders may await payment at a time: pay or cancel one first`,
    description: 'The ticket may be free, but you have as many orders that await payment as are allowed.',
    details: { availableAt: availableAt('When the first of them ends by itself.') },
    headers: [retryAfter],
    example: { ...exampleWait, limit: 5 },
  }),
  cooldown: errorSpec<Wait>({
    status: 409,
    code: 'cooldown',
    message: 'You let this ticket go a short while ago: it is for others first',
    description:
      'The ticket may be free, but you have cancelled an order for it, or let its time run out, and may hold it again from ' +
      '`availableAt` on. Other tickets are not affected.',
    details: { availableAt: availableAt('When you may hold this ticket again, if it is free then.') },
    headers: [retryAfter],
    example: exampleWait,
  }),
  key_mismatch: errorSpec({
    status: 422,
    code: 'key_reused',
    message: 'This Idempotency-Key was used for another order',
  }),
  conflict: unavailable,
} satisfies Record<RefusedPurchase['kind'], DescribedError>;

/** The error of a refused purchase. `now` is the time from which `Retry-After` counts. */
export function purchaseError(
  refusal: RefusedPurchase,
  { userId, now }: { userId: string; now: Date },
): HttpError {
  switch (refusal.kind) {
    case 'ticket_not_found':
      return purchaseErrors.ticket_not_found.error();
    case 'ticket_reserved':
      return purchaseErrors.ticket_reserved.error({
        availableAt: refusal.availableAt,
        now,
        orderId: ownOrderId(refusal.holdingOrder, userId),
      });
    case 'ticket_sold':
      return purchaseErrors.ticket_sold.error({ orderId: ownOrderId(refusal.holdingOrder, userId) });
    case 'cooldown':
      return purchaseErrors.cooldown.error({ ...refusal, now });
    case 'too_many_pending':
      return purchaseErrors.too_many_pending.error({ ...refusal, now });
    case 'key_mismatch':
      return purchaseErrors.key_mismatch.error();
    case 'conflict':
      return purchaseErrors.conflict.error({});
  }
}

function ownOrderId(holdingOrder: Order | undefined, userId: string): string | undefined {
  return holdingOrder?.userId === userId ? holdingOrder.id : undefined;
}

/** The error for a user, or an address, that has requested more purchases and extensions than a minute allows. */
export const tooManyPurchases = errorSpec<{ perMinute: number }>({
  status: 429,
  code: 'rate_limited',
  message: ({ perMinute }) =>
    `Too many purchases, or requests for more time: at most ${perMinute} a minute are taken, see Retry-After`,
  headers: [{ header: retryAfterHeader }],
  example: { perMinute: examplePurchasesPerMinute },
});
