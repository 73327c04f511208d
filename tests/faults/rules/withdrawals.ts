import type { History, StoredOrder } from '../history/history.ts';
import type { Rule } from './rule.ts';

/**
 * Every withdrawal was run until it ended well. Its tickets are then withdrawn and held by nobody at the end, and nobody got one
 * after that.
 */
export const withdrawnTicketsAreFree: Rule = (history) => [
  ...unfinished(history),
  ...[...withdrawnBy(history)].flatMap(([ticketId, endedAt]) => {
    const ofTicket = history.orders.filter((order) => order.ticketId === ticketId);
    const copy = history.tickets.find(({ id }) => id === ticketId);
    return [
      ...(copy?.withdrawnAt === undefined ? [`ticket ${ticketId} is on sale again`] : []),
      ...ofTicket.flatMap((order) => flawOf(order, endedAt)),
    ];
  }),
];

function unfinished({ commands }: History): string[] {
  const done = new Set(commands.filter(({ status }) => status === 0).map(({ name }) => name));
  const names = new Set(commands.filter(({ withdraws }) => withdraws).map(({ name }) => name));
  return [...names].filter((name) => !done.has(name)).map((name) => `${name} was never done`);
}

/** Each withdrawn ticket, and when the first command ended that had done all. */
function withdrawnBy({ commands }: History): Map<string, number> {
  const ended = new Map<string, number>();
  for (const { withdraws, status, ticketIds, endedAt } of commands) {
    if (!withdraws || status !== 0) continue;
    for (const id of ticketIds) ended.set(id, Math.min(endedAt, ended.get(id) ?? endedAt));
  }
  return ended;
}

function flawOf({ id, ticketId, status, holdsTicket, history }: StoredOrder, endedAt: number): string[] {
  if (holdsTicket) return [`order ${id} (${status}) holds ticket ${ticketId}, which was withdrawn`];
  const late = history.find(
    (change) => (change.status === 'pending' || change.status === 'paid') && change.at > endedAt,
  );
  return late ? [`order ${id} got ticket ${ticketId} after it was withdrawn: ${late.status}`] : [];
}
