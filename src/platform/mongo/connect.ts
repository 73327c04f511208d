import mongoose, { type Connection } from 'mongoose';
import type { Logger } from 'pino';
import { sleep } from '../time/repeat.ts';
import { FailFastConnection } from './fail-fast-connection.ts';
import {
  connectTimeoutMs,
  heartbeatMs,
  operationTimeoutMs,
  poolWaitTimeoutMs,
  selectionTimeoutMs,
} from './timeouts.ts';

/**
 * Writes are acknowledged by a majority and its journals. Reads return only what a majority has stored, so a failover
 * cannot undo what was answered, acknowledged or published.
 */
const durable = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 3_000 },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
} as const;

/** Not in the driver's types. */
const failingFast: object = { connectionType: FailFastConnection };

export interface ConnectOptions {
  /** How long connecting is tried, in milliseconds. */
  deadlineMs: number;
  log: Logger;
  /** Whether operations are bounded in time: yes for serving, no for building indexes and for long reports. */
  operations: 'bounded' | 'unbounded';
  /** When it aborts, connecting stops and fails. */
  signal?: AbortSignal;
}

/**
 * Connects to MongoDB, trying again until the deadline. The connection later recovers from outages; during one
 * operations fail within seconds instead of waiting. Time-outs of the connection string have no effect, because
 * the time-outs in timeouts.ts depend on each other and on the deadline of a request.
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
        connectTimeoutMS: connectTimeoutMs,
        waitQueueTimeoutMS: poolWaitTimeoutMs,
        heartbeatFrequencyMS: heartbeatMs,
        minHeartbeatFrequencyMS: heartbeatMs,
        // 0 means none. A time-out of the connection string would end a long index build.
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

/** The connection string cannot be parsed: waiting does not help. */
function isHopeless(error: unknown): boolean {
  return error instanceof Error && ['MongoParseError', 'MongoInvalidArgumentError'].includes(error.name);
}
