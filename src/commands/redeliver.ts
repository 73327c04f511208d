import { parseArgs } from 'node:util';
import type { Broker, Receive } from '../messaging/broker.ts';
import { deadLetterModel } from '../messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from '../messaging/dead-letters/dead-letter-store.ts';
import type { Listener } from '../messaging/listener.ts';
import { createMessageFailures } from '../messaging/message-failures.ts';
import { type DeliveryReport, type ReceivingDeps, receive } from '../messaging/receive.ts';
import { systemClock } from '../platform/time/clock.ts';
import { refuseRepeated, text } from './arguments.ts';
import { readBrokerFor, withBroker, withDatabase } from './connections.ts';
import { BadUsage, type CommandContext, runAndExit } from './exit-codes.ts';
import { listenersOn } from './listeners-on.ts';
import { whileRead } from './output.ts';
import { requireTime } from './read-time.ts';

const usage = `usage: redeliver --since <time>
  handles the messages about tickets and payments once more that the broker has got since a time (with its zone, such as
  2030-01-31T12:00:00Z): for a database that was put back to an earlier one. What is there already is passed over. A
  payment of an order that is gone becomes a dead letter. Run it before the service starts: it would let the holds of
  orders run out whose payment is still to come.`;

/** Tickets come first, as their listeners do. `expiration:complete` is not needed: the expiry sweep expires orders anyway. */
const subjects = ['ticket:created', 'ticket:updated', 'payment:created', 'payment:refunded'];

/** Handles past messages once more. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, log, signal } = context;
  const { values, tokens } = parseArgs({ args, tokens: true, options: { since: text } });
  refuseRepeated(tokens);
  if (values.since === undefined) throw new BadUsage('--since is missing');
  const since = requireTime('--since', values.since);
  const config = readBrokerFor('redeliver');
  await withDatabase(context, (database) => {
    const deadLetters = createDeadLetterStore(deadLetterModel(database), systemClock);
    const failures = createMessageFailures({ clock: systemClock });
    const listeners = listenersOn(database, log).filter(({ subject }) => subjects.includes(subject));
    return withBroker(context, config, async (broker) => {
      for (const listener of listeners) {
        const summary = await redeliver({ broker, deadLetters, failures, log, signal }, listener, since);
        signal.throwIfAborted();
        await whileRead(out).line(summary);
      }
    });
  });
  return 0;
}

interface RedeliverDeps extends Omit<ReceivingDeps, 'onMessage'>, Pick<CommandContext, 'signal'> {
  broker: Pick<Broker, 'replaySince'>;
}

/** Resolves with a summary of the outcomes, for people. */
async function redeliver(
  { broker, signal, ...deps }: RedeliverDeps,
  listener: Listener,
  since: Date,
): Promise<string> {
  const { subject } = listener;
  const outcomes = new Map<string, number>();
  const onMessage = ({ outcome }: DeliveryReport) => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  const handle: Receive = (delivery) => receive({ ...deps, onMessage }, listener, delivery);
  const count = await broker.replaySince(subject, since, handle, signal);
  const kinds = [...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(', ');
  return `${subject}: ${count} messages${kinds && ` (${kinds})`}`;
}

runAndExit(main, usage);
