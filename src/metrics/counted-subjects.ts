import { orderEventSchemas } from '../orders/domain/order-events.ts';
import { orderMessageSchemas } from '../orders/listeners/order-listeners.ts';
import { ticketMessageSchemas } from '../tickets/listeners/ticket-listeners.ts';

/** The subjects that label metrics. What is counted by subject starts with a sample of 0 for each. */
export const receivedSubjects = Object.keys({ ...ticketMessageSchemas, ...orderMessageSchemas });
export const sentSubjects = Object.keys(orderEventSchemas);
