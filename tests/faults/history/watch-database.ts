import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { Span } from './spans.ts';

const everyMs = 500;
/** The service gives an operation four seconds; one that takes a quarter of it is past being useful to many at once. */
const slowAfterMs = 1_000;

export interface DatabaseWatch {
  /** When the database did not answer in time. */
  outages: Span[];
  stop(): Promise<void>;
}

/**
 * Asks the database what the expiry sweep asks it, past the proxies, and notes when the answer takes more than a
 * second: a stand-in on a busy machine has outages that no nemesis made.
 */
export function watchDatabase(mongoUri: string): DatabaseWatch {
  const client = new mongoose.mongo.MongoClient(mongoUri, {
    serverSelectionTimeoutMS: slowAfterMs,
    socketTimeoutMS: 10_000,
  });
  const outages: Span[] = [];
  let stopped = false;

  async function ask(): Promise<void> {
    const from = Date.now();
    const orders = client.db().collection('orders');
    const answered = await orders
      .find({ status: 'pending', expiresAt: { $lte: new Date() } })
      .sort({ expiresAt: 1 })
      .limit(1)
      .toArray()
      .then(
        () => true,
        // What is wrong is not of interest here: the nemesis has just killed it, most likely.
        () => false,
      );
    const to = Date.now();
    if (!answered || to - from > slowAfterMs) outages.push({ from, to });
  }

  async function watch(): Promise<void> {
    while (!stopped) {
      await ask();
      await delay(everyMs);
    }
  }
  const watching = watch();

  return {
    outages,
    async stop() {
      stopped = true;
      await watching;
      await client.close();
    },
  };
}
