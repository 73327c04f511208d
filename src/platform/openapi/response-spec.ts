import type { z } from 'zod';
import type { DescribedError } from '../http/error-spec.ts';
import type { Reply } from '../http/reply.ts';
import { type HeaderSpec, requestIdHeader } from '../http/response-headers.ts';

/** A response of an endpoint: one definition makes both what is sent and its description. */
export interface ResponseSpec<Body = unknown> {
  status: number;
  description: string;
  /** Headers that it always has. */
  headers: readonly HeaderSpec[];
  /** Headers that it may have. */
  optionalHeaders: readonly HeaderSpec[];
  /** Absent when the response has no body, or an error. */
  schema?: z.ZodType<Body>;
  errors?: ErrorBody;
}

export interface ErrorBody {
  /** The name of its schema. */
  id: string;
  /** All errors that it can have. Each has the response's status. */
  oneOf: readonly DescribedError[];
}

interface Success<Body> extends Pick<ResponseSpec<Body>, 'status' | 'description' | 'schema'> {
  /** Headers besides the request's id. */
  headers?: readonly HeaderSpec[];
  optionalHeaders?: readonly HeaderSpec[];
}

/** A response without errors. */
export function responseSpec<Body = never>({
  headers = [],
  optionalHeaders = [],
  ...rest
}: Success<Body>): ResponseSpec<Body> {
  return { ...rest, headers: [requestIdHeader, ...headers], optionalHeaders };
}

/** The reply that the response spec describes. */
export function respond<Body>(
  { status }: ResponseSpec<Body>,
  { headers = {}, body }: { headers?: Record<string, string>; body?: Body } = {},
): Reply {
  return { status, headers, body };
}

/**
 * A response in the error shape. Headers that all of its errors have are promised, others may be there.
 *
 * @throws when the errors differ in their status
 */
export function errorResponse(
  id: string,
  description: string,
  errors: readonly [DescribedError, ...DescribedError[]],
): ResponseSpec {
  const [{ status }] = errors;
  if (errors.some((error) => error.status !== status))
    throw new Error(`${id} has errors of several statuses`);
  const all = [...new Set(errors.flatMap(({ headers }) => headers))];
  const isEverywhere = (header: HeaderSpec) => errors.every(({ headers }) => headers.includes(header));
  return {
    status,
    description,
    headers: [requestIdHeader, ...all.filter(isEverywhere)],
    optionalHeaders: all.filter((header) => !isEverywhere(header)),
    errors: { id, oneOf: errors },
  };
}

/** The same responses; those that the service gives once it has read the request's head may have these headers besides. */
export function withOptionalHeaders(
  added: readonly HeaderSpec[],
  responses: readonly ResponseSpec[],
): ResponseSpec[] {
  return responses.map((response) => {
    const { headers, optionalHeaders } = response;
    const isRead = [...headers, ...optionalHeaders].includes(requestIdHeader);
    return isRead ? { ...response, optionalHeaders: [...optionalHeaders, ...added] } : response;
  });
}
