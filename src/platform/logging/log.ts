import pino, { type Logger } from 'pino';
import { contextLogFields } from '../process/work-context.ts';
import type { LogDestination } from './log-destination.ts';

/**
 * A log of this process: lines of JSON, errors in the form of `describeError`. Lines in the context of a request or a
 * message have its id.
 */
export function createLog(level: string, destination: Pick<LogDestination, 'write'>): Logger {
  return pino({ level, serializers: { err: describeError }, mixin: contextLogFields }, destination);
}

/**
 * The logged form of an error: only type, message and stack. Errors of the database and of parsers also contain the refused
 * documents and bodies, which are private data.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const { code } = error as { code?: unknown };
  return { type, message, stack, ...(code !== undefined && { code }) };
}
