import { Gauge, type Registry } from 'prom-client';
import type { DeadLetterStore } from '../messaging/dead-letters/dead-letter-store.ts';
import type { OrderStore } from '../orders/store/order-store.ts';
import type { OutboxStore } from '../orders/store/outbox-store.ts';
import { atMostEvery } from '../platform/time/at-most-every.ts';
import type { Clock } from '../platform/time/clock.ts';
import { shareReadWithTimeout } from '../platform/time/share-read-with-timeout.ts';
import type { SeenParked } from '../tickets/use-cases/parked-scan.ts';

export interface BacklogDeps {
  clock: Clock;
  pingDatabase: () => Promise<unknown>;
  outboxes: Pick<OutboxStore, 'backlog'>;
  orders: Pick<OrderStore, 'oldestOverdue'>;
  /** The parked updates that this process has scanned, if it is the one that scans. Reads nothing from the database. */
  parked: () => SeenParked;
  deadLetters: Pick<DeadLetterStore, 'count' | 'countPayments'>;
  /** Resolves with undefined while nobody can say; absent where no refund is ever overdue: then nothing is read. */
  countOverdueRefunds?: (() => Promise<number | undefined>) | undefined;
}

/** The database is read at most once in this time. Less than Prometheus' interval, so its samples are fresh. */
const readEveryMs = 5_000;
/** A database that is away must not delay the metrics; Prometheus gives up after 10 s. */
const readWithinMs = 1_000;

/**
 * What waits in the database: events, dead letters, overdue holds and parked updates; and whether the database answers.
 * Resolves when the gauges show the state of the last five seconds; those that cannot be read within a second are left
 * out. What is read from the database is the same for all replicas.
 */
export function backlogMetrics(registry: Registry, deps: BacklogDeps): () => Promise<void> {
  const { clock, outboxes, orders, parked, deadLetters, countOverdueRefunds } = deps;
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const secondsSince = (since: Date | undefined) =>
    since ? Math.max(0, (clock().getTime() - since.getTime()) / 1_000) : 0;

  const databaseUp = gauge('orders_database_up', 'Whether the database answers');
  const ping = shareReadWithTimeout(deps.pingDatabase, readWithinMs);

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
    ...(countOverdueRefunds
      ? [
          source(
            [
              gauge(
                'orders_refunds_overdue',
                'Orders with a payment that should have been given back by now, up to 10000',
              ),
            ],
            async () => [(await countOverdueRefunds()) ?? []].flat(),
          ),
        ]
      : []),
  ];

  const readState = atMostEvery(readEveryMs, async () => {
    const [pong] = await Promise.all([ping(), ...sources.map((refresh) => refresh())]);
    databaseUp.set(pong === undefined ? 0 : 1);
  });

  return async () => {
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
    for (const [index, gauge] of gauges.entries()) {
      const value = values[index];
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    }
  };
}
