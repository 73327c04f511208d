import type { Logger } from 'pino';
import type { connectDatabase } from '../database/connect.ts';
import type { Listener } from '../messaging/listener.ts';
import { orderListeners } from '../orders/order-listeners.ts';
import { orderModel } from '../orders/order-model.ts';
import { createOrderStore } from '../orders/order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { ticketListeners } from '../tickets/ticket-listeners.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/ticket-model.ts';
import { createTicketStore } from '../tickets/ticket-store.ts';
import { systemClock } from '../time/clock.ts';

type Database = Awaited<ReturnType<typeof connectDatabase>>;

/** The service's listeners for a command. Events that they cause are sent by the service, which closes gaps, too. */
export function listenersOn(database: Database, log: Logger): Listener[] {
  const clock = systemClock;
  const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(clock));
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  return [...ticketListeners({ tickets, clock, log }), ...orderListeners({ orders, clock })];
}
