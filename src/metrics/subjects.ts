import { orderEventSchemas } from '../orders/domain/order-events.ts';
import { orderMessageSchemas } from '../orders/listeners/order-listeners.ts';
import { ticketMessageSchemas } from '../tickets/listeners/ticket-listeners.ts';

/** What is counted by subject is counted from 0 on. */
export const receivedSubjects = Object.keys({ ...ticketMessageSchemas, ...orderMessageSchemas });
export const sentSubjects = Object.keys(orderEventSchemas);
