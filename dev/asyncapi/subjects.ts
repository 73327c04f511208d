import { orderEventSchemas } from '../../src/orders/domain/order-events.ts';
import { orderMessageSchemas } from '../../src/orders/listeners/order-listeners.ts';
import { ticketMessageSchemas } from '../../src/tickets/listeners/ticket-listeners.ts';

/** The schemas that decide what a valid message is, by subject. */
export const received = { ...ticketMessageSchemas, ...orderMessageSchemas };
export const sent = orderEventSchemas;

export interface SubjectDescription {
  summary: string;
  description: string;
  example: Record<string, unknown>;
}

const id = '6b04db2da39c0fc557bdbfb7';
const userId = '6b04db2da39c0fc557bdbf01';
const ticket = { id: '6b04db2da39c0fc557bdbfa3', price: 20 };
const paid = { paymentId: '6b04db2da39c0fc557bdbfc2' };
const stripeChargeId = 'ch_3PZ1a2b3c4d5';
const correlationId = '0c3f1a52-77aa-4f0e-8c55-0b1d1b7f2f3e';

/** What the schemas do not say about each subject. */
export const subjects: Record<keyof typeof received | keyof typeof sent, SubjectDescription> = {
  'ticket:created': {
    summary: 'A ticket is for sale',
    description: 'From then on orders can be placed for it. Peers send it with version 0.',
    example: { ...ticket, version: 0, title: 'Chamber music at noon', userId },
  },
  'ticket:updated': {
    summary: 'A ticket has changed',
    description:
      'Applied only on top of the version before. One that comes too early waits, in the database, until the ' +
      'missing one has come, or until `TICKET_GAP_TIMEOUT_SECONDS` are over.',
    example: { ...ticket, version: 1, title: 'Chamber music at noon', userId, orderId: null },
  },
  'payment:created': {
    summary: 'A buyer has paid',
    description:
      'The order becomes `paid` if it holds its ticket or can hold it again; otherwise the money is to be given ' +
      'back, which `order:refund-required` tells. The same payment id again changes nothing. The charge may be named ' +
      '`stripeChargeId`, `stripeId` or `chargeId` (of several the first of these that is there counts), or not at all.',
    example: { id: paid.paymentId, orderId: id, stripeChargeId },
  },
  'payment:refunded': {
    summary: 'All of a payment was given back',
    description:
      'Whether it was asked for by `order:refund-required` or not; send it for nothing less than the whole payment. When the ' +
      'payment has bought the order, the order is cancelled and its ticket is free. It may come before `payment:created`, ' +
      'which then buys nothing. Told again, under whatever `id`, it changes nothing.',
    example: { id: '6b04db2da39c0fc557bdbfd9', orderId: id, ...paid },
  },
  'expiration:complete': {
    summary: 'The time of an order may be over',
    description: 'A hint: an order past its `expiresAt` expires now, an early hint changes nothing.',
    example: { orderId: id },
  },
  'order:created': {
    summary: 'An order holds a ticket',
    description:
      'Until `expiresAt`, unless it is paid or cancelled before. It may be over when this comes, and may come after what ' +
      'has ended it.',
    example: {
      eventId: `${id}:0`,
      correlationId,
      id,
      version: 0,
      status: 'pending',
      userId,
      expiresAt: '2030-01-01T12:15:00.000Z',
      ticket,
    },
  },
  'order:hold-extended': {
    summary: 'An order holds its ticket for longer',
    description:
      'The buyer has asked for more time (only with `ORDER_EXTENSION_SECONDS`). The order is as it was, but ends later, so ' +
      'there is no `version`. Of several the latest `expiresAt` counts. It may come after what has ended the order. Who ' +
      'does not look at `expiresAt` need not listen to it.',
    example: {
      eventId: `${id}:extension:1`,
      correlationId,
      id,
      userId,
      expiresAt: '2030-01-01T12:20:00.000Z',
      ticket: { id: ticket.id },
    },
  },
  'order:cancelled': {
    summary: 'An order no longer holds its ticket',
    description:
      'The buyer or the seller has cancelled it, or its payment was given back (`cancelled`, for good), or its time was over ' +
      '(`expired`). It may follow an `order:paid`. When another buyer was ' +
      'waiting, their order may hold the ticket already, and its `order:created` may have come before: unlock only a ' +
      'ticket that you locked for this very order. An expired order can still become paid.',
    example: { eventId: `${id}:1`, id, version: 1, status: 'expired', userId, ticket: { id: ticket.id } },
  },
  'order:paid': {
    summary: 'An order is paid',
    description:
      'The ticket is sold. Only a refund, or the seller, ends such an order, by an `order:cancelled`. It may follow an `order:cancelled` that said `expired`, then with version 2: lock ' +
      'the ticket again.',
    example: { eventId: `${id}:1`, id, version: 1, status: 'paid', userId, ...paid, ticket },
  },
  'order:refund-required': {
    summary: 'A payment is to be given back',
    description:
      'Give it back, once for each `paymentId`, and tell so by `payment:refunded`. The reason: another order holds the ticket ' +
      '(`ticket_taken`), the order was cancelled before (`order_cancelled`), another payment has paid already ' +
      '(`already_paid`), the seller has taken the ticket back (`operator`), or the order had expired and the service takes ' +
      'no late payments (`order_expired`). `amount` is the price at which ' +
      'the order was placed. There is no `version`, since it tells of no change of the order.',
    example: {
      eventId: `${id}:refund:${paid.paymentId}`,
      id,
      orderId: id,
      ...paid,
      stripeChargeId,
      userId,
      amount: ticket.price,
      reason: 'ticket_taken',
    },
  },
};
