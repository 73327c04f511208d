import { unavailable } from '../../platform/http/common-errors.ts';
import { type DescribedError, errorSpec } from '../../platform/http/error-spec.ts';
import type { HttpError } from '../../platform/http/http-error.ts';
import type { JsonSchema } from '../../platform/http/response-headers.ts';
import type { ExtendOrderOutcome } from '../use-cases/extend-order.ts';
import { exampleExpiresAt } from './examples.ts';
import { finalErrors, ownOrderErrors } from './order-errors.ts';

/** The errors of extending a hold. */

type ExtensionRefusal = Exclude<ExtendOrderOutcome, { kind: 'extended' }>;
type FinalStatus = Extract<ExtensionRefusal, { kind: 'final' }>['status'];

const expiresAt: JsonSchema = {
  type: 'string',
  format: 'date-time',
  description: "When the hold ends. ISO 8601, UTC, by the service's clock.",
  examples: [exampleExpiresAt],
};

/** Why a hold of the caller's own is not extended. */
export const extensionErrors = {
  ...finalErrors,
  cancelled: errorSpec({
    status: 409,
    code: 'order_cancelled',
    message: 'The order is cancelled',
    description: 'The ticket is let go, for good.',
  }),
  limit_reached: errorSpec<{ expiresAt: Date }>({
    status: 409,
    code: 'extension_limit',
    message: 'The time of this order cannot be extended any more',
    description:
      'No time can be added. The order holds its ticket until `expiresAt`, as before: pay until then.',
    details: {
      expiresAt: { schema: expiresAt, value: (params) => params.expiresAt.toISOString() },
    },
    example: { expiresAt: new Date(exampleExpiresAt) },
  }),
} satisfies Record<FinalStatus | 'limit_reached', DescribedError>;

/** The error of a refused extension. */
export function extensionError(refusal: ExtensionRefusal): HttpError {
  switch (refusal.kind) {
    case 'not_owner':
    case 'not_found':
      return ownOrderErrors[refusal.kind].error();
    case 'final':
      return extensionErrors[refusal.status].error();
    case 'limit_reached':
      return extensionErrors.limit_reached.error({ expiresAt: refusal.expiresAt });
    case 'conflict':
      return unavailable.error({});
  }
}
