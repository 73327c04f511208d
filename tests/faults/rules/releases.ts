import type { History, OperatorCommand, StoredOrder } from '../history/history.ts';
import type { Rule } from './rule.ts';

/**
 * What the operator's command says it has released, it has cancelled, for the reason it was given; and no order was cancelled
 * by an operator whom nobody has told to, or before.
 */
export const releasesAreKept: Rule = (history) => {
  const commands = new Map(history.commands.map((command) => [command.name, command]));
  const orders = new Map(history.orders.map((order) => [order.id, order]));
  return [
    ...history.commands.flatMap((command) => untrue(command, orders)),
    ...history.orders.flatMap((order) => unexplained(order, commands, history)),
  ];
};

function releaseOf(order: StoredOrder | undefined) {
  return order?.history.find(({ cause }) => cause === 'operator');
}

function untrue({ name, released }: OperatorCommand, orders: Map<string, StoredOrder>): string[] {
  return released
    .filter((id) => releaseOf(orders.get(id))?.reason !== name)
    .map((id) => `${name} says that it has released order ${id}, which is ${orders.get(id)?.status}`);
}

/** A killed command is run again under its name: its first run counts. */
function unexplained(
  order: StoredOrder,
  commands: Map<string, OperatorCommand>,
  { commands: all }: History,
): string[] {
  const release = releaseOf(order);
  if (!release) return [];
  const command = commands.get(release.reason ?? '');
  if (!command) return [`order ${order.id} was released for ${release.reason}, which nobody asked for`];
  const { name, orderIds, ticketIds } = command;
  const isMeant = orderIds.includes(order.id) || ticketIds.includes(order.ticketId);
  const from = Math.min(...all.filter((run) => run.name === name).map(({ startedAt }) => startedAt));
  return isMeant && release.at >= from
    ? []
    : [`order ${order.id} was released by ${name}, which did not mean it`];
}
