import type { Connection } from 'mongoose';
import pino from 'pino';
import { connectDatabase } from '../../src/platform/mongo/connect.ts';

/** The databases of a job worker. They are kept for its next job, and end with its process. */
const databases = new Map<string, Promise<Connection>>();

const log = pino({ level: 'silent' });

/** Connects as the service does: with the same durability and as many sockets. */
export function openDatabase(uri: string): Promise<Connection> {
  let connection = databases.get(uri);
  if (!connection) {
    connection = connectDatabase(uri, { deadlineMs: 30_000, log, operations: 'bounded' });
    databases.set(uri, connection);
  }
  return connection;
}
