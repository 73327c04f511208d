import { z } from 'zod';
import type { Problem } from '../http/errors.ts';
import type { HeaderName } from './response-headers.ts';

/** What clients are told of a response. */
export interface ResponseSpec {
  description: string;
  /** Those that it always has. */
  headers: HeaderName[];
  /** Those that it may have. */
  optionalHeaders?: HeaderName[];
  /** Absent: it has no body. */
  content?: { schema: z.ZodType; examples?: Record<string, unknown> };
}

/** One of the errors that a response can carry. Its schema is named after its code, which it has alone. */
export interface ErrorSpec {
  example: Problem & { code: string };
  description?: string;
  /** What it has besides message and code. */
  details?: Record<string, z.ZodType>;
}

interface ErrorResponseDeps {
  errors: readonly [ErrorSpec, ...ErrorSpec[]];
  headers?: HeaderName[];
  optionalHeaders?: HeaderName[];
}

/** A response in the error shape, whose schema goes by the id. It carries the errors given and no others. */
export function errorResponse(
  id: string,
  description: string,
  { errors, headers = [], optionalHeaders = [] }: ErrorResponseDeps,
): ResponseSpec {
  return {
    description,
    headers: ['X-Request-Id', ...headers],
    optionalHeaders,
    content: {
      schema: z.object({ errors: z.array(anyOf(errors)).min(1) }).meta({ id }),
      examples: Object.fromEntries(
        errors.map(({ example }) => [example.code, { errors: [example] }] as const),
      ),
    },
  };
}

/** The same responses; those that the service gives once it knows who asks may have these headers besides. */
export function withOptionalHeaders(
  names: HeaderName[],
  responses: Record<number, ResponseSpec>,
): Record<number, ResponseSpec> {
  const added = Object.entries(responses).map(([status, response]) => {
    const { headers, optionalHeaders = [] } = response;
    const isKnown = [...headers, ...optionalHeaders].includes('X-Request-Id');
    return [status, isKnown ? { ...response, optionalHeaders: [...optionalHeaders, ...names] } : response];
  });
  return Object.fromEntries(added) as Record<number, ResponseSpec>;
}

/** One schema for each code, told apart by it (https://spec.openapis.org/oas/v3.1.1.html#discriminator-object). */
function anyOf(errors: ErrorResponseDeps['errors']): z.ZodType {
  const [first, ...others] = errors.map(errorSchema);
  if (first === undefined || others.length === 0) return first ?? z.never();
  const mapping = errors.map(({ example: { code } }) => [code, `#/components/schemas/${schemaName(code)}`]);
  return z
    .discriminatedUnion('code', [first, ...others])
    .meta({ discriminator: { propertyName: 'code', mapping: Object.fromEntries(mapping) } });
}

function errorSchema({ example: { code }, description, details = {} }: ErrorSpec) {
  return z
    .object({
      message: z.string().meta({ description: 'For people. It may be put in other words at any time.' }),
      code: z.literal(code).meta({ description: 'For programs. It stays as it is.' }),
      ...details,
    })
    .meta({ id: schemaName(code), ...(description && { description }) });
}

/** `ticket_sold` is described as `TicketSoldError`. */
function schemaName(code: string): string {
  const words = code.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Error`;
}
