import type { Logger } from 'pino';
import { deadLetterModel } from './messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from './messaging/dead-letters/dead-letter-store.ts';
import type { createMetrics } from './metrics/metrics.ts';
import { createHoldIndexStore } from './orders/store/hold-index-store.ts';
import { createOpenRefundStore } from './orders/store/open-refund-store.ts';
import { orderModel } from './orders/store/order-model.ts';
import { createOrderStore } from './orders/store/order-store.ts';
import { watchHoldIndex } from './orders/use-cases/hold-index.ts';
import type { OutboxNotifier } from './outbox/outbox-notifier.ts';
import type { Clock } from './platform/time/clock.ts';
import type { startDatabase } from './start-database.ts';
import { createGapStore } from './tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from './tickets/store/ticket-model.ts';
import { createTicketStore } from './tickets/store/ticket-store.ts';

interface StoresDeps {
  relay: OutboxNotifier;
  clock: Clock;
  log: Logger;
  metrics: ReturnType<typeof createMetrics>;
  eventSpacingMs: number;
}

/** Makes the service's stores on its database. Writes of orders are safe as long as the hold index is there. */
export function createStores(
  { connection, rebuildOrderIndexes }: Awaited<ReturnType<typeof startDatabase>>,
  { relay, clock, log, metrics, eventSpacingMs }: StoresDeps,
) {
  const index = createHoldIndexStore(connection);
  const holdIndex = watchHoldIndex({ index, build: rebuildOrderIndexes, clock, log });
  metrics.observeHoldIndex(holdIndex);
  const [orders, tickets] = [orderModel(connection), ticketModel(connection)];
  const parked = parkedUpdateModel(connection);
  return {
    holdIndex,
    orders: createOrderStore(orders, tickets, relay, {
      onChange: metrics.onOrderChange,
      holds: holdIndex,
      eventSpacingMs,
    }),
    tickets: createTicketStore(tickets, parked),
    gaps: createGapStore(tickets, parked),
    refunds: createOpenRefundStore(orders),
    deadLetters: createDeadLetterStore(deadLetterModel(connection), clock),
  };
}
