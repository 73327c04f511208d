import mongoose, { type Connection } from 'mongoose';
import type { Logger } from 'pino';
import { sleep } from '../time/repeat.ts';
import { FailFastConnection } from './fail-fast-connection.ts';

/** No single database operation of a request or a message takes longer than this, in milliseconds. */
export const operationTimeoutMs = 4_000;

/** How long to look for a server that can take an operation. */
const selectionTimeoutMs = 2_000;

/**
 * Writes are acknowledged by a majority and its journals. Reads see only what a majority has, so nothing that
 * was answered, acknowledged or published can be taken back by a failover.
 */
const durable = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 3_000 },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
} as const;

/**
 * How often the driver looks at each server, in milliseconds, and the least that it allows. By this the service knows of
 * an outage, and of its end, while it asks nothing of the database (availability.ts).
 */
const heartbeatFrequencyMS = 500;

/** Not in the driver's types. */
const failingFast: object = { connectionType: FailFastConnection };

export interface ConnectOptions {
  /** How long to go on trying, in milliseconds. */
  deadlineMs: number;
  log: Logger;
  /** Whether operations are bounded in time: yes for serving, no for building indexes and for long reports. */
  operations: 'bounded' | 'unbounded';
  /** Gives up waiting when it aborts. */
  signal?: AbortSignal;
}

/**
 * Connects to MongoDB, trying again until the deadline. The connection then recovers by itself from outages;
 * meanwhile operations fail within seconds instead of waiting. Time-outs of the connection string have no effect: those
 * here belong together, and to what requests are promised.
 *
 * @throws the last error, when the database did not answer before the deadline
 */
export async function connectDatabase(uri: string, options: ConnectOptions): Promise<Connection> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    const connection = mongoose.createConnection();
    try {
      return await connection.openUri(uri, {
        ...durable,
        ...failingFast,
        autoIndex: false,
        autoCreate: false,
        bufferCommands: false,
        serverSelectionTimeoutMS: selectionTimeoutMs,
        connectTimeoutMS: 2_000,
        waitQueueTimeoutMS: 2_000,
        heartbeatFrequencyMS,
        minHeartbeatFrequencyMS: heartbeatFrequencyMS,
        // 0 for none, since one of the connection string would end a long building of an index again and again.
        socketTimeoutMS: options.operations === 'bounded' ? operationTimeoutMs : 0,
      });
    } catch (error) {
      await connection.close();
      if (isHopeless(error) || options.signal?.aborted || performance.now() + selectionTimeoutMs > deadline)
        throw error;
      options.log.warn(
        { reason: (error as Error).message },
        'the database does not answer yet, trying again',
      );
      await sleep(500, options.signal);
    }
  }
}

/** A connection string that cannot be parsed, or refused credentials: waiting does not help. */
function isHopeless(error: unknown): boolean {
  return error instanceof Error && ['MongoParseError', 'MongoInvalidArgumentError'].includes(error.name);
}
