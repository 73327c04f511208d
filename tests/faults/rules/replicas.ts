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
 * Each replica of a ticket is at the highest version in the broker, with that version's data; the versions that never
 * came were skipped with a record, after the time-out; and every order shows its ticket as it was at some version.
 * A replica that an operator has reset follows what came after that, from the version that he has named.
 */
export const replicasFollow: Rule = (history) => {
  const ticketEvents = [
    ...dataOf<TicketEvent>(history, 'ticket:created'),
    ...dataOf<TicketEvent>(history, 'ticket:updated'),
  ];
  const byTicket = grouped(ticketEvents, ({ data }) => data.id);
  const replicas = new Map(history.tickets.map((ticket) => [ticket.id, ticket]));
  const flaws = [...byTicket].flatMap(([ticketId, seen]) => {
    const replica = replicas.get(ticketId);
    if (!replica) return [`ticket ${ticketId} has no replica`];
    const sinceReset = eventsSinceReset(replica, seen);
    return [
      ...stateFlaws(replica, sinceReset),
      ...skipFlaws(replica, sinceReset),
      ...earlySkips(replica, seen, history.settings.gapTimeoutMs),
    ];
  });
  return [
    ...flaws,
    ...[...replicas.keys()]
      .filter((id) => !byTicket.has(id))
      .map((id) => `ticket ${id}: no event announced it`),
    ...history.parked.map(
      ({ ticketId, version }) => `ticket ${ticketId}: version ${version} is still parked`,
    ),
    ...snapshotFlaws(history, byTicket),
  ];
};

type SeenEvents = { at: number; data: TicketEvent }[];

/** The events that apply to a replica: above the version of its last reset only what came after it, or was parked before. */
function eventsSinceReset({ version, resets = [] }: StoredTicket, seen: SeenEvents): SeenEvents {
  const last = resets.at(-1);
  return last
    ? seen.filter(({ at, data }) => data.version > last.to && (at >= last.at || data.version <= version))
    : seen;
}

function stateFlaws(replica: StoredTicket, seen: SeenEvents): string[] {
  const resetTo = replica.resets?.at(-1)?.to;
  if (seen.length === 0 && resetTo !== undefined) {
    return replica.version === resetTo ? [] : [`ticket ${replica.id} is not where its reset has put it`];
  }
  const highest = seen.reduce((one, other) => (other.data.version > one.data.version ? other : one), {
    at: 0,
    data: { ...replica, version: -1 },
  }).data;
  if (replica.version !== highest.version) {
    return [
      `ticket ${replica.id} is at version ${replica.version}, the highest published is ${highest.version}`,
    ];
  }
  return replica.title === highest.title && replica.price === highest.price
    ? []
    : [`ticket ${replica.id} has other data than its version ${replica.version}`];
}

function skipFlaws({ id, version, jumps, resets = [] }: StoredTicket, seen: SeenEvents): string[] {
  const present = new Set(seen.map(({ data }) => data.version));
  const resetAt = resets.at(-1)?.at ?? 0;
  const skipped = (wanted: number) =>
    jumps.some(({ after = -1, to, at }) => at >= resetAt && after < wanted && wanted < to);
  const first = (resets.at(-1)?.to ?? -1) + 1;
  const missing = Array.from({ length: version + 1 - first }, (_, index) => first + index).filter(
    (wanted) => !present.has(wanted) && !skipped(wanted),
  );
  return missing.map(
    (wanted) => `ticket ${id} skipped version ${wanted}, which never came, without a record`,
  );
}

function earlySkips({ id, jumps }: StoredTicket, seen: SeenEvents, gapTimeoutMs: number): string[] {
  const early = jumps.filter(
    // A gap is open since the first later version was published, at the earliest.
    ({ after = -1, at }) =>
      at - Math.min(...seen.filter(({ data }) => data.version > after).map((one) => one.at)) < gapTimeoutMs,
  );
  return early.map(({ to }) => `ticket ${id} skipped to version ${to} before the time-out`);
}

function snapshotFlaws({ orders }: History, byTicket: Map<string, SeenEvents>): string[] {
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
