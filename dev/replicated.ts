import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { ticketModel } from '../src/tickets/ticket-model.ts';

const withinMs = 30_000;

/**
 * Resolves when the service has its copy of every ticket, so that each can be bought.
 *
 * @throws when one is still missing after 30 s
 */
export async function untilReplicated(mongoUri: string, ticketIds: readonly string[]): Promise<void> {
  const options = { autoIndex: false, autoCreate: false };
  const database = await mongoose.createConnection(mongoUri, options).asPromise();
  try {
    const tickets = ticketModel(database);
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      if ((await tickets.countDocuments({ _id: { $in: ticketIds } })) === ticketIds.length) return;
      await delay(100);
    }
    throw new Error(`the service has not heard of every ticket after ${withinMs / 1000} s`);
  } finally {
    await database.close();
  }
}
