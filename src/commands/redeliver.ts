import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readBrokerConfig, readDatabaseConfig } from '../config.ts';
import { deadLetterModel } from '../messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from '../messaging/dead-letters/dead-letter-store.ts';
import type { Listener } from '../messaging/listener.ts';
import { createMessageFailures } from '../messaging/message-failures.ts';
import { type NatsConnection, openConnection } from '../messaging/nats-streaming/connection.ts';
import { replaySince } from '../messaging/nats-streaming/replay.ts';
import { type DeliveryReport, type ReceivingDeps, receive } from '../messaging/receive.ts';
import { connectDatabase } from '../platform/mongo/connect.ts';
import { systemClock } from '../platform/time/clock.ts';
import { listenersOn } from './listeners-on.ts';
import { readSince } from './read-time.ts';
import { type CommandContext, runCommand } from './run-command.ts';

const usage = `usage: redeliver --since <time>
  handles the messages about tickets and payments once more that the broker has got since a time (with its zone, such as
  2030-01-31T12:00:00Z): for a database that was put back to an earlier one. What is there already is passed over. A
  payment of an order that is gone becomes a dead letter. Run it before the service starts: it would let the holds of
  orders run out whose payment is still to come.`;

/** Tickets come first, as their listeners do. A hint that a time is over is not needed: the service looks by itself. */
const subjects = ['ticket:created', 'ticket:updated', 'payment:created'];

/** Handles past messages once more. Resolves with the exit code. */
async function main({ args, out, log }: CommandContext): Promise<number> {
  const { values } = parseArgs({ args, options: { since: { type: 'string' } } });
  const since = readSince(values.since);
  const { mongoUri } = readDatabaseConfig(process.env);
  const broker = readBrokerConfig(process.env);
  const database = await connectDatabase(mongoUri, { deadlineMs: 5_000, operations: 'unbounded', log });
  try {
    const deadLetters = createDeadLetterStore(deadLetterModel(database), systemClock);
    const failures = createMessageFailures({ clock: systemClock });
    const listeners = listenersOn(database, log).filter(({ subject }) => subjects.includes(subject));
    // The service's own client id is in use while the service runs.
    const clientId = `redeliver-${randomUUID()}`;
    const connection = await openConnection({ ...broker, clientId }, new AbortController().signal);
    try {
      for (const listener of listeners) {
        const summary = await redeliver({ connection, deadLetters, failures, log }, listener, since);
        await out.line(summary);
      }
    } finally {
      await connection.close();
    }
    return 0;
  } finally {
    await database.close();
  }
}

/** Resolves with what became of the messages, for people. */
async function redeliver(
  { connection, ...deps }: Omit<ReceivingDeps, 'onMessage'> & { connection: NatsConnection },
  listener: Listener,
  since: Date,
): Promise<string> {
  const { subject } = listener;
  const outcomes = new Map<string, number>();
  const onMessage = ({ outcome }: DeliveryReport) => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  const count = await replaySince({ connection, subject }, since, (delivery) =>
    receive({ ...deps, onMessage }, listener, delivery),
  );
  const kinds = [...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(', ');
  return `${subject}: ${count} messages${kinds && ` (${kinds})`}`;
}

runCommand(main, usage);
