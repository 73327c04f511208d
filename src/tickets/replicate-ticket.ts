import type { Logger } from 'pino';
import { after, type Clock } from '../time/clock.ts';
import { decide, type Jump, missingVersions, type TicketNews } from './ticket.ts';
import type { TicketStore } from './ticket-store.ts';

export interface ReplicationParts {
  tickets: TicketStore;
  clock: Clock;
  log: Logger;
  /** How long a gap may stay open before it is closed without the missing versions, in milliseconds; 0: for ever. */
  gapTimeoutMs: number;
}

export type ReplicationOutcome = 'applied' | 'duplicate' | 'parked';

/**
 * Brings one event of a ticket into the copy. Versions are applied one by one, whatever the order in which the
 * events come; one that comes too early is kept durably, so its message can be acknowledged.
 */
export async function replicateTicket(
  parts: ReplicationParts,
  news: TicketNews,
): Promise<ReplicationOutcome> {
  const outcome = await applyOrPark(parts, news);
  // After parking, too: the version before may have been applied meanwhile by another process.
  if (outcome !== 'duplicate') await drainParked(parts, news.id);
  return outcome;
}

async function applyOrPark(
  { tickets, clock }: ReplicationParts,
  news: TicketNews,
): Promise<ReplicationOutcome> {
  for (;;) {
    // Most events come in order, so the compare-and-set comes first and its refusal is looked into.
    if ((await writeNext(tickets, news)) === 'applied') return 'applied';
    const decision = decide(await tickets.versionOf(news.id), news);
    if (decision === 'duplicate') return 'duplicate';
    if (decision === 'gap') {
      await tickets.park(news, clock());
      return 'parked';
    }
  }
}

async function writeNext(tickets: TicketStore, news: TicketNews): Promise<'applied' | 'outdated'> {
  return news.kind === 'created' ? tickets.create(news) : tickets.advance(news, news.version - 1);
}

/** Applies what is parked for a ticket as far as it follows without a gap, and forgets what was applied. */
async function drainParked({ tickets }: ReplicationParts, ticketId: string): Promise<void> {
  for (;;) {
    const next = await tickets.lowestParked(ticketId);
    if (!next) return;
    const version = await tickets.versionOf(ticketId);
    const decision = decide(version, { kind: 'updated', version: next.version });
    if (decision === 'gap') return;
    if (decision === 'apply') await tickets.advance(next, next.version - 1);
    // Forgotten only when the copy is known to have reached it: whoever applied it, or a later version.
    else await tickets.unpark(ticketId, version ?? next.version);
  }
}

/**
 * One pass over all gaps: applies what a crash left undone, and closes gaps that stayed open for too long.
 * Events carry the whole ticket, so only the versions in between are lost, and those are recorded.
 */
export async function tendGaps(parts: ReplicationParts): Promise<void> {
  for (const { ticketId } of await parts.tickets.gaps()) await drainParked(parts, ticketId);
  if (parts.gapTimeoutMs === 0) return;
  const cutoff = after(parts.clock(), -parts.gapTimeoutMs);
  for (const { ticketId, oldestParkedAt } of await parts.tickets.gaps()) {
    if (oldestParkedAt <= cutoff) await closeGap(parts, ticketId, cutoff);
  }
}

async function closeGap(parts: ReplicationParts, ticketId: string, cutoff: Date): Promise<void> {
  const { tickets, clock, log } = parts;
  // The version is read first and compared in the write: what is parked above it since the cutoff proves that the
  // gap right behind this version has been open for that long.
  const version = await tickets.versionOf(ticketId);
  const next = await tickets.lowestParked(ticketId);
  if (!next || !(await tickets.isParkedSince(ticketId, cutoff))) return;
  if (decide(version, { kind: 'updated', version: next.version }) !== 'gap') return;
  const jump: Jump = { to: next.version, at: clock(), ...(version !== undefined && { after: version }) };
  const outcome =
    version === undefined ? await tickets.create(next, jump) : await tickets.advance(next, version, jump);
  if (outcome === 'outdated') return;
  log.warn(
    { ticketId, missing: missingVersions(jump) },
    'closed a gap in a ticket without the versions that never came',
  );
  await drainParked(parts, ticketId);
}
