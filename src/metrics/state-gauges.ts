import { Gauge, type Registry } from 'prom-client';
import type { Broker } from '../messaging/broker.ts';
import type { DeadLetterStore } from '../messaging/dead-letters/dead-letter-store.ts';
import type { OrderStore } from '../orders/store/order-store.ts';
import type { OutboxStore } from '../orders/store/outbox-store.ts';
import { atMostEvery } from '../platform/time/at-most-every.ts';
import type { Clock } from '../platform/time/clock.ts';
import { shareReadWithTimeout } from '../platform/time/share-read-with-timeout.ts';
import type { SeenParked } from '../tickets/use-cases/parked-walk.ts';
import { receivedSubjects } from './subjects.ts';

export interface StateDeps {
  clock: Clock;
  broker: Pick<Broker, 'isConnected' | 'subscribedSince'>;
  pingDatabase: () => Promise<unknown>;
  outboxes: Pick<OutboxStore, 'backlog'>;
  orders: Pick<OrderStore, 'oldestOverdue'>;
  /** What is parked, where this process walks through it. Asks nothing of the database. */
  parked: () => SeenParked;
  deadLetters: Pick<DeadLetterStore, 'count' | 'countPayments'>;
}

/** The database is asked no more often, whoever scrapes. Less than Prometheus' interval, so its samples are fresh. */
const readEveryMs = 5_000;
/** A database that is away must not hold up the metrics; Prometheus gives up after 10 s. */
const readWithinMs = 1_000;

/**
 * What waits, and who is there. Resolves when the gauges show the state of the last five seconds; those that cannot be
 * read within a second are left out. What is read is the database's and so the same for all replicas.
 */
export function stateGauges(registry: Registry, parts: StateDeps): () => Promise<void> {
  const { clock, broker, outboxes, orders, parked, deadLetters } = parts;
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const secondsSince = (since: Date | undefined) =>
    since ? Math.max(0, (clock().getTime() - since.getTime()) / 1_000) : 0;

  const brokerUp = gauge('orders_broker_up', 'Whether there is a connection to the broker');
  const subscriptionUp = new Gauge({
    name: 'orders_subscription_up',
    help: 'Whether the broker delivers this subject to this process',
    labelNames: ['subject'],
    registers: [registry],
  });
  const databaseUp = gauge('orders_database_up', 'Whether the database answers');
  const ping = shareReadWithTimeout(parts.pingDatabase, readWithinMs);

  const parkedUpdates = gauge(
    'orders_parked_updates',
    'Updates of tickets that wait for the ones before them, as far as this process has seen them',
  );
  const parkedOldest = gauge(
    'orders_parked_oldest_seconds',
    'How long the oldest of these updates has been waiting',
  );

  const sources = [
    source(
      [
        gauge('orders_outbox_depth', 'Orders with events that the broker does not have yet, up to 10000'),
        gauge('orders_outbox_oldest_seconds', 'How long the oldest of these events has been waiting'),
      ],
      async () => {
        const { waiting, since } = await outboxes.backlog();
        return [waiting, secondsSince(since)];
      },
    ),
    source([gauge('orders_dead_letters', 'Messages that were set aside')], async () => [
      await deadLetters.count(),
    ]),
    source(
      [gauge('orders_payments_set_aside', 'Messages about payments that were set aside, up to 10000')],
      async () => [await deadLetters.countPayments()],
    ),
    source([gauge('orders_hold_overdue_seconds', 'How long the longest hold is past its time')], async () => [
      secondsSince(await orders.oldestOverdue(clock())),
    ]),
  ];

  const readState = atMostEvery(readEveryMs, async () => {
    const [answer] = await Promise.all([ping(), ...sources.map((refresh) => refresh())]);
    databaseUp.set(answer === undefined ? 0 : 1);
  });

  return async () => {
    brokerUp.set(broker.isConnected() ? 1 : 0);
    for (const subject of receivedSubjects)
      subscriptionUp.set({ subject }, broker.subscribedSince(subject) ? 1 : 0);
    const { count, since } = parked();
    parkedUpdates.set(count);
    parkedOldest.set(secondsSince(since));
    await readState();
  };
}

function source(gauges: Gauge[], read: () => Promise<number[]>): () => Promise<void> {
  const readShared = shareReadWithTimeout(read, readWithinMs);
  return async () => {
    const values = (await readShared()) ?? [];
    for (const [position, gauge] of gauges.entries()) {
      const value = values[position];
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    }
  };
}
