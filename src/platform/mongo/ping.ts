import mongoose, { type mongo } from 'mongoose';
import { FailFastConnection } from './fail-fast-connection.ts';

/** A response that takes longer counts as none, in milliseconds. */
const pingTimeoutMs = 2_000;

export interface DatabasePing {
  /** @throws when the database does not respond within some seconds */
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Checks whether the database responds, over a separate connection: in the pool of the requests a ping would wait behind
 * them, and a busy service would report that its database is away. It connects at the first ping, and recovers from outages.
 */
export function createDatabasePing(uri: string): DatabasePing {
  let connecting: Promise<mongo.MongoClient> | undefined;

  async function connected(): Promise<mongo.MongoClient> {
    connecting ??= connect(uri);
    try {
      return await connecting;
    } catch (error) {
      // A client that could not connect never will: the next ping makes another one.
      connecting = undefined;
      throw error;
    }
  }

  return {
    ping: async () => (await connected()).db().command({ ping: 1 }),
    async close() {
      // One that could not connect is closed already.
      const client = await connecting?.catch(() => undefined);
      await client?.close();
    },
  };
}

async function connect(uri: string): Promise<mongo.MongoClient> {
  const client = new mongoose.mongo.MongoClient(uri, {
    minPoolSize: 0,
    maxPoolSize: 1,
    serverSelectionTimeoutMS: pingTimeoutMs,
    connectTimeoutMS: pingTimeoutMs,
    waitQueueTimeoutMS: pingTimeoutMs,
    socketTimeoutMS: pingTimeoutMs,
    heartbeatFrequencyMS: 2_000,
    ...connectionClass,
  });
  try {
    return await client.connect();
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** Not in the driver's types. */
const connectionClass: object = { connectionType: FailFastConnection };
