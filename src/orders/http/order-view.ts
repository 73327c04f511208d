import { z } from 'zod';
import { cutTitle, maxTitleLength } from '../../tickets/domain/title.ts';
import { changeCauses, holdSecondsLeft, type ListedOrder, type Order } from '../domain/order.ts';
import type { StatusNames } from '../domain/status-names.ts';
import {
  exampleCreatedAt,
  exampleExpiresAt,
  exampleOrderId,
  exampleTicketId,
  exampleUserId,
  idPattern,
} from './examples.ts';
import { type PaymentBody, paymentsSchema, paymentView } from './payment-view.ts';
import { statusSchema } from './status-words.ts';
import { time } from './time-field.ts';

/** The bodies of responses that show orders: their schemas for the API's description, and the functions that make them. */

const id = (description: string, example: string) =>
  z.string().meta({ description, pattern: idPattern, examples: [example] });

const version = z
  .int()
  .nonnegative()
  .meta({
    description:
      'Starts at 0 and grows by exactly 1 with every change of status: of two answers about an order the one with the ' +
      'higher version is newer.',
    examples: [0],
  });

const ticketSnapshot = z
  .object({
    id: id('The ticket.', exampleTicketId),
    title: z.string().meta({
      description: `In a list at most its first ${maxTitleLength} characters.`,
      examples: ['Chamber music at noon'],
    }),
    price: z
      .number()
      .nonnegative()
      .meta({
        description:
          "What the buyer is to pay, in the major unit of the marketplace's one currency: 12.5 is 12 dollars and 50 " +
          'cents where that is the dollar.',
        examples: [20],
      }),
    version: z
      .int()
      .nonnegative()
      .meta({
        description: 'Which version of the ticket the snapshot was taken of.',
        examples: [3],
      }),
  })
  .meta({
    id: 'TicketSnapshot',
    description:
      'The ticket as it was when the order was placed. A later change of its price does not move it.',
  });

/** `viewOrders` says what a status can be. */
const status = z.string();

const orderFields = z.object({
  id: id('The order.', exampleOrderId),
  userId: z.string().meta({
    description: 'The buyer: the `id` in the token of the session.',
    examples: [exampleUserId],
  }),
  status,
  expiresAt: time(
    "Until when the order holds its ticket if it is not paid, by the service's clock: to be shown, not to be " +
      "compared with a device's clock. It stays when the order ends. From `createdAt` to here is the whole hold.",
    exampleExpiresAt,
  ),
  holdSecondsLeft: z
    .int()
    .nonnegative()
    .meta({
      description:
        'For how long the order still holds its ticket if it is not paid, in whole seconds from this answer, rounded ' +
        'up: count down from it. 0 when the time is over, and always when the order is `paid`, `cancelled` or `expired`.',
      examples: [900],
    }),
  createdAt: time("When the order was placed, by the service's clock.", exampleCreatedAt),
  version,
  ticketId: id('The same as `ticket.id`.', exampleTicketId),
  ticket: ticketSnapshot,
});

const statusChangeFields = z.object({
  status,
  version,
  at: time('When it changed.', exampleCreatedAt),
  cause: z.enum(changeCauses).meta({
    description:
      '`buyer`: asked for it. `payment`: a payment came. `expiry`: the time was up. `takeover`: the time was ' +
      'up, and another buyer came. `refund`: the payment was given back. `operator`: the seller has taken the ticket back.',
  }),
});

type OrderBody = z.infer<typeof orderFields>;
type StatusChangeBody = z.infer<typeof statusChangeFields>;

/** The bodies that show orders, and their schemas. */
export type OrderViews = ReturnType<typeof viewOrders>;

/** Makes them, with the statuses by these names. */
export function viewOrders(names: StatusNames) {
  const status = statusSchema(names);
  const orderSchema = orderFields.extend({ status }).meta({ id: 'Order' });
  const statusChangeSchema = statusChangeFields.extend({ status }).meta({ id: 'StatusChange' });
  const history = z
    .array(statusChangeSchema)
    .meta({ description: 'Every status that the order has had, oldest first.' });
  const orderDetailSchema = orderSchema
    .extend({ history, payments: paymentsSchema })
    .meta({ id: 'OrderWithHistory' });

  /** An order as clients see it at this moment. */
  function orderView(order: ListedOrder, now: Date): OrderBody {
    const { id, userId, status, version, ticketId, ticket } = order;
    return {
      id,
      userId,
      status: names[status],
      expiresAt: order.expiresAt.toISOString(),
      holdSecondsLeft: holdSecondsLeft(order, now),
      createdAt: order.createdAt.toISOString(),
      version,
      ticketId,
      ticket: { id: ticketId, title: ticket.title, price: ticket.price, version: ticket.version },
    };
  }

  return {
    names,
    orderSchema,
    orderDetailSchema,
    orderView,

    /** An order in a list, its title cut: older snapshots may have longer ones than are stored now. A single order shows all of it. */
    listedOrderView(order: ListedOrder, now: Date): OrderBody {
      const view = orderView(order, now);
      return { ...view, ticket: { ...view.ticket, title: cutTitle(view.ticket.title) } };
    },

    /** One order, with how it came to be what it is. */
    orderDetailView(
      order: Order,
      now: Date,
    ): OrderBody & { history: StatusChangeBody[]; payments: PaymentBody[] } {
      const history = order.history.map(({ status, version, at, cause }) => ({
        status: names[status],
        version,
        at: at.toISOString(),
        cause,
      }));
      return { ...orderView(order, now), history, payments: order.payments.map(paymentView) };
    },
  };
}
