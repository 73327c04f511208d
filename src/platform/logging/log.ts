import pino, { type Logger } from 'pino';
import { contextLogFields } from '../process/work-context.ts';
import type { LogDestination } from './log-destination.ts';

/**
 * A log of this process: lines of JSON, errors as `describeError` has them. A line that is written for a request or a
 * message names it.
 */
export function createLog(level: string, destination: Pick<LogDestination, 'write'>): Logger {
  return pino({ level, serializers: { err: describeError }, mixin: contextLogFields }, destination);
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
