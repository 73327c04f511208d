import { orderModel } from '../orders/store/order-model.ts';
import { createOrderStore, type OrderStore } from '../orders/store/order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { systemClock } from '../platform/time/clock.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import type { Database } from './connections.ts';

/** The orders for a command that changes them. Their events are sent by the service, within its next sweep. */
export function orderStoreOn(database: Database, eventSpacingMs: number): OrderStore {
  const notifier = leaveToSweep(systemClock);
  return createOrderStore(orderModel(database), ticketModel(database), notifier, { eventSpacingMs });
}
