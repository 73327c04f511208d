import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { isOutage } from '../mongo/database-errors.ts';

export interface Problem {
  message: string;
  field?: string;
  code?: string;
  [detail: string]: unknown;
}

/** A refusal that the client is to see, as the contract describes it. */
export class HttpError extends Error {
  readonly status: number;
  readonly problems: Problem[];
  readonly headers: Record<string, string>;
  constructor(status: number, problems: Problem | Problem[], headers: Record<string, string> = {}) {
    super(STATUS_CODES[status]);
    this.name = 'HttpError';
    this.status = status;
    this.problems = [problems].flat();
    this.headers = headers;
  }
}

/** After how long to come back, in whole seconds, 1 to 3: not all those who fail in one moment are to come back in one. */
function spreadRetrySeconds(): number {
  return 1 + Math.floor(Math.random() * 3);
}

/** The outcome of a write may be unknown; a retry with the same idempotency key is safe. */
export function unavailable(
  message = 'The service cannot answer right now, please try again',
  retryAfterSeconds = spreadRetrySeconds(),
): HttpError {
  return new HttpError(503, { message, code: 'unavailable' }, { 'Retry-After': String(retryAfterSeconds) });
}

/** What the parsers of a request complain about, in words that say what would be right. */
const malformed: Record<number, Problem> = {
  400: { message: 'The request is malformed: the path, or a body that is not valid JSON', code: 'malformed' },
  413: { message: 'The body is too large: at most 32 kB are accepted', code: 'too_large' },
  415: { message: 'The body must be application/json in UTF-8', code: 'unsupported_media_type' },
};

export const notFound: RequestHandler = (req) => {
  throw new HttpError(404, { message: `There is no ${req.method} ${req.path}`, code: 'not_found' });
};

/** The one place where an error becomes an answer. Details of an unexpected one are only in the log. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    // Express ends the connection of an answer that has begun already.
    if (res.headersSent) return next(error);
    const refusal = toRefusal(error, req.id);
    if (refusal.status >= 500) log.error({ requestId: req.id, err: error }, 'request failed');
    res.status(refusal.status).set(refusal.headers).json({ errors: refusal.problems });
  };
}

function toRefusal(error: unknown, requestId: string): HttpError {
  if (error instanceof HttpError) return error;
  if (isOutage(error)) return unavailable();
  const status = (error as { status?: unknown } | undefined)?.status;
  const problem = typeof status === 'number' ? malformed[status] : undefined;
  if (typeof status === 'number' && problem) return new HttpError(status, problem);
  return new HttpError(500, { message: 'Something went wrong on our side', code: 'internal', requestId });
}
