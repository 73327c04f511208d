import pino, { type Logger } from 'pino';
import type { LogDestination } from './log-destination.ts';

/** A log of this process: lines of JSON, errors as `describeError` has them. */
export function createLog(level: string, destination: LogDestination): Logger {
  return pino({ level, serializers: { err: describeError } }, destination);
}

/**
 * What is logged of an error: no more than what it is, says and where it was made. Errors of the database and of parsers
 * carry what they could not take as well, such as whole documents and bodies, and that is other people's.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const { code } = error as { code?: unknown };
  return { type, message, stack, ...(code !== undefined && { code }) };
}
