import { grouped } from '../history/grouped.ts';
import type { History, StoredTicket } from '../history/history.ts';
import { dataOf } from '../history/order-events.ts';
import type { Rule } from './rule.ts';

interface TicketEvent {
  id: string;
  version: number;
  title: string;
  price: number;
}

/**
 * Each copy of a ticket is at the highest version in the broker, with that version's data; the versions that never
 * came lie in jumps that were recorded, after the time-out; and every order shows its ticket as it was at some version.
 * A copy that an operator has reset follows what came after that, from the version that he has named.
 */
export const replicasFollow: Rule = (history) => {
  const news = [
    ...dataOf<TicketEvent>(history, 'ticket:created'),
    ...dataOf<TicketEvent>(history, 'ticket:updated'),
  ];
  const byTicket = grouped(news, ({ data }) => data.id);
  const copies = new Map(history.tickets.map((ticket) => [ticket.id, ticket]));
  const flaws = [...byTicket].flatMap(([ticketId, told]) => {
    const copy = copies.get(ticketId);
    if (!copy) return [`ticket ${ticketId} has no copy`];
    const sinceReset = toldSinceReset(copy, told);
    return [
      ...stateFlaws(copy, sinceReset),
      ...jumpFlaws(copy, sinceReset),
      ...earlyJumps(copy, told, history.settings.gapTimeoutMs),
    ];
  });
  return [
    ...flaws,
    ...[...copies.keys()].filter((id) => !byTicket.has(id)).map((id) => `ticket ${id}: nobody told of it`),
    ...history.parked.map(
      ({ ticketId, version }) => `ticket ${ticketId}: version ${version} is still parked`,
    ),
    ...snapshotFlaws(history, byTicket),
  ];
};

type Told = { at: number; data: TicketEvent }[];

/** What a copy may follow: above the version of its last reset only what came after it, or was parked before. */
function toldSinceReset({ version, resets = [] }: StoredTicket, told: Told): Told {
  const last = resets.at(-1);
  return last
    ? told.filter(({ at, data }) => data.version > last.to && (at >= last.at || data.version <= version))
    : told;
}

function stateFlaws(copy: StoredTicket, told: Told): string[] {
  const resetTo = copy.resets?.at(-1)?.to;
  if (told.length === 0 && resetTo !== undefined) {
    return copy.version === resetTo ? [] : [`ticket ${copy.id} is not where its reset has put it`];
  }
  const highest = told.reduce((one, other) => (other.data.version > one.data.version ? other : one), {
    at: 0,
    data: { ...copy, version: -1 },
  }).data;
  if (copy.version !== highest.version) {
    return [`ticket ${copy.id} is at version ${copy.version}, the highest told is ${highest.version}`];
  }
  return copy.title === highest.title && copy.price === highest.price
    ? []
    : [`ticket ${copy.id} has other data than its version ${copy.version}`];
}

function jumpFlaws({ id, version, jumps, resets = [] }: StoredTicket, told: Told): string[] {
  const present = new Set(told.map(({ data }) => data.version));
  const resetAt = resets.at(-1)?.at ?? 0;
  const skipped = (wanted: number) =>
    jumps.some(({ after = -1, to, at }) => at >= resetAt && after < wanted && wanted < to);
  const first = (resets.at(-1)?.to ?? -1) + 1;
  const missing = Array.from({ length: version + 1 - first }, (_, index) => first + index).filter(
    (wanted) => !present.has(wanted) && !skipped(wanted),
  );
  return missing.map(
    (wanted) => `ticket ${id} went over version ${wanted}, which never came, without a record`,
  );
}

function earlyJumps({ id, jumps }: StoredTicket, told: Told, gapTimeoutMs: number): string[] {
  const early = jumps.filter(
    // A gap is open since the first later version was told, at the earliest.
    ({ after = -1, at }) =>
      at - Math.min(...told.filter(({ data }) => data.version > after).map((one) => one.at)) < gapTimeoutMs,
  );
  return early.map(({ to }) => `ticket ${id} jumped to version ${to} before the time-out`);
}

function snapshotFlaws({ orders }: History, byTicket: Map<string, Told>): string[] {
  return orders
    .filter(
      ({ ticketId, ticket }) =>
        !byTicket
          .get(ticketId)
          ?.some(
            ({ data }) =>
              data.version === ticket.version && data.price === ticket.price && data.title === ticket.title,
          ),
    )
    .map(({ id, ticket }) => `order ${id} shows a ticket that never was: ${JSON.stringify(ticket)}`);
}
