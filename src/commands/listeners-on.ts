import type { Logger } from 'pino';
import { readMessageConfig } from '../command-config.ts';
import type { Listener } from '../messaging/listener.ts';
import { orderListeners } from '../orders/listeners/order-listeners.ts';
import { systemClock } from '../platform/time/clock.ts';
import { ticketListeners } from '../tickets/listeners/ticket-listeners.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { createTicketStore } from '../tickets/store/ticket-store.ts';
import type { Database } from './connections.ts';
import { orderStoreOn } from './order-store-on.ts';

/**
 * The service's listeners for a command, by the same environment. Events that they cause are sent by the service, which
 * closes gaps, too.
 *
 * @throws BadConfig
 */
export function listenersOn(database: Database, log: Logger): Listener[] {
  const clock = systemClock;
  const { latePayment, eventSpacingMs } = readMessageConfig(process.env);
  const orders = orderStoreOn(database, eventSpacingMs);
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  return [...ticketListeners({ tickets, clock, log }), ...orderListeners({ orders, clock, latePayment })];
}
