import { parseArgs } from 'node:util';
import type { Order, SettledPayment, StatusChange } from '../orders/domain/order.ts';
import { eventsWithin, ever, type PastOrder } from '../orders/domain/rebuild-events.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createPastOrderStore } from '../orders/store/past-order-store.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../tickets/store/withdrawal-store.ts';
import { flag, requireId } from './arguments.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { printTo } from './output.ts';
import { readOrProblem } from './read-or-problem.ts';

/** Shows the whole life of an order. Resolves with the exit code: 1 when there is no such order, or it cannot be read. */
export async function showOrder(context: CommandContext): Promise<number> {
  const { id, isJson } = readShowArguments(context.args);
  const print = printTo(context.out, { isJson });
  return withDatabase(context, async (database) => {
    const { read } = await createPastOrderStore(orderModel(database)).findPast(id);
    const past = readOrProblem(read);
    if ('problem' in past) {
      await print({ id, problem: past.problem }, [`${id}  ${past.problem}`]);
      return 1;
    }
    const { ticketId } = past.order;
    const withdrawals = await createWithdrawalStore(ticketModel(database)).find([ticketId]);
    const life = lifeOf(past, withdrawals.get(ticketId));
    await print(life, linesOf(life));
    return 0;
  });
}

function readShowArguments(args: string[]) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: flag } });
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new BadUsage('show needs the id of one order');
  return { id: requireId(id), isJson: values.json };
}

type Life = Order & {
  ticketWithdrawnAt: Date | undefined;
  /** Every event that the order has had, or why they cannot be made from its history. */
  events: { eventId: string; subject: string; at: Date; isSent: boolean }[] | { problem: string };
};

function lifeOf({ order, pendingEventIds }: PastOrder, ticketWithdrawnAt: Date | undefined): Life {
  const events = readOrProblem(() =>
    eventsWithin(order, ever).map(({ eventId, subject, at }) => ({
      ...{ eventId, subject, at },
      isSent: !pendingEventIds.includes(eventId),
    })),
  );
  return { ...order, ticketWithdrawnAt, events };
}

function* linesOf({ ticket, events, ...order }: Life): Generator<string> {
  const { id, status, version, userId, ticketId, ticketWithdrawnAt: withdrawnAt } = order;
  yield `order    ${id}  ${status}, version ${version}`;
  yield `user     ${userId}`;
  const sale = withdrawnAt ? `, withdrawn since ${withdrawnAt.toISOString()}` : '';
  yield `ticket   ${ticketId}  ${JSON.stringify(ticket.title)}, price ${ticket.price}, version ${ticket.version}${sale}`;
  yield `placed   ${order.createdAt.toISOString()}, held until ${order.expiresAt.toISOString()}`;
  for (const change of order.history) yield `change   ${changeText(change)}`;
  for (const payment of order.payments) yield `payment  ${paymentText(payment)}`;
  if ('problem' in events) yield `events   cannot be made from the history: ${events.problem}`;
  else
    for (const { at, isSent, subject, eventId } of events)
      yield `event    ${at.toISOString()}  ${isSent ? 'sent   ' : 'waiting'}  ${subject}  ${eventId}`;
}

function changeText({ at, version, status, cause, paymentId, reason }: StatusChange): string {
  const more = [
    ...(paymentId === undefined ? [] : [`  payment ${paymentId}`]),
    ...(reason === undefined ? [] : [`  ${JSON.stringify(reason)}`]),
  ];
  return `${at.toISOString()}  version ${version}  ${status}  by ${cause}${more.join('')}`;
}

function paymentText({ at, id, stripeChargeId, ...payment }: SettledPayment): string {
  const { refund, refundDueAt, refundCompletedAt, refundNote } = payment;
  const charge = stripeChargeId === undefined ? 'no charge' : `charge ${stripeChargeId}`;
  if (refund === undefined) return `${at.toISOString()}  ${id}  ${charge}  bought the ticket`;
  const facts = [
    `refund: ${refund}`,
    ...(refundDueAt ? [`due since ${refundDueAt.toISOString()}`] : []),
    ...(refundCompletedAt ? [`given back ${refundCompletedAt.toISOString()}`] : []),
    ...(refundNote === undefined ? [] : [JSON.stringify(refundNote)]),
  ];
  return `${at.toISOString()}  ${id}  ${charge}  ${facts.join(', ')}`;
}
