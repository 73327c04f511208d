import type { Connection } from 'mongoose';
import { deadLetterModel } from '../../src/messaging/dead-letters/dead-letter-model.ts';
import {
  createDeadLetterStore,
  type DeadLetterStore,
} from '../../src/messaging/dead-letters/dead-letter-store.ts';
import { type CommandRun, runCommand } from './command-run.ts';
import { openDatabase, testConfig } from './running-service.ts';

/** Dead letters in a database of their own, and the command that an operator runs on them. */
export interface DeadLetterRuns {
  database: Connection;
  deadLetters: DeadLetterStore;
  run(...args: string[]): CommandRun;
  runWith(environment: Record<string, string>, ...args: string[]): CommandRun;
  /** Keeps a message as a dead letter and resolves with its id. */
  keep(subject: string, data: Buffer, reason?: string): Promise<string>;
  /** A number in the channel that no other letter of the test file has. */
  nextSequence(): number;
}

export async function startDeadLetterRuns(): Promise<DeadLetterRuns> {
  const config = testConfig();
  const database = await openDatabase(config);
  const deadLetters = createDeadLetterStore(deadLetterModel(database), () => new Date());
  let sequence = 0;
  const nextSequence = () => ++sequence;

  const runWith = (environment: Record<string, string>, ...args: string[]) =>
    runCommand({ MONGO_URI: config.mongoUri, ...environment }, 'dead-letters', ...args);

  async function keep(subject: string, data: Buffer, reason = 'for the test'): Promise<string> {
    const own = nextSequence();
    await deadLetters.keep({ subject, sequence: own, timestamp: '1', attempt: 1, data }, reason);
    for await (const letter of deadLetters.all())
      if ('sequence' in letter && letter.sequence === own) return letter.id;
    throw new Error('not kept');
  }

  return { database, deadLetters, run: (...args) => runWith({}, ...args), runWith, keep, nextSequence };
}
