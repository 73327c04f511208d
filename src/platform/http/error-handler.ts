import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { isOutage } from '../mongo/database-errors.ts';
import {
  bodyTooLarge,
  internal,
  malformed,
  notFound,
  unavailable,
  unsupportedMediaType,
} from './common-errors.ts';
import { HttpError } from './http-error.ts';

/** Refuses a path that no route has. */
export const refuseUnknownPath: RequestHandler = (req) => {
  throw notFound.error({ message: `There is no ${req.method} ${req.path}` });
};

/** Makes the response of every error. Details of an unexpected error are only in the log. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    // Part of the response was sent already: Express closes the connection.
    if (res.headersSent) return next(error);
    const { status, headers, problems } = toHttpError(error, req.id);
    if (status >= 500) log.error({ requestId: req.id, err: error }, 'request failed');
    res.status(status).set(headers).json({ errors: problems });
  };
}

function toHttpError(error: unknown, requestId: string): HttpError {
  if (error instanceof HttpError) return error;
  if (isOutage(error)) return unavailable.error({});
  // What Express and its parsers throw has a status; their words are not for clients.
  switch ((error as { status?: unknown } | undefined)?.status) {
    case malformed.status:
      return malformed.error({});
    case bodyTooLarge.status:
      return bodyTooLarge.error();
    case unsupportedMediaType.status:
      return unsupportedMediaType.error();
    default:
      return internal.error({ requestId });
  }
}
