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
  /** Told of every gap that was closed without the missing versions, to count them. */
  onJump?: (ticketId: string, jump: Jump) => void;
}

const drainedAtOnce = 100;

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
  // After the write: whoever parks meanwhile relies on this look. It is shared, and nearly always nothing is parked.
  if (outcome === 'applied' && (await parts.tickets.isAnyParked(news.id))) await drainParked(parts, news.id);
  return outcome;
}

async function applyOrPark(parts: ReplicationParts, news: TicketNews): Promise<ReplicationOutcome> {
  const { tickets, clock } = parts;
  for (;;) {
    // Most events come in order, so the compare-and-set comes first and its refusal is looked into.
    if ((await writeNext(tickets, news)) === 'applied') return 'applied';
    const decision = decide(await tickets.versionOf(news.id), news);
    if (decision === 'duplicate') return 'duplicate';
    if (decision === 'gap') {
      await tickets.park(news, clock());
      // The version before may have been applied meanwhile, by somebody who did not see this one parked.
      if (decide(await tickets.versionOf(news.id), news) !== 'gap') await drainParked(parts, news.id);
      return 'parked';
    }
  }
}

async function writeNext(tickets: TicketStore, news: TicketNews): Promise<'applied' | 'outdated'> {
  return news.kind === 'created' ? tickets.create(news) : tickets.advance(news, news.version - 1);
}

/** Applies what is parked for a ticket as far as it follows without a gap, and forgets what was applied. */
async function drainParked({ tickets }: ReplicationParts, ticketId: string): Promise<void> {
  // Until a look after the last write finds nothing that follows: whoever parks meanwhile relies on it.
  for (;;) {
    const parked = await tickets.parked(ticketId, drainedAtOnce);
    const [lowest] = parked;
    if (!lowest) return;
    let reached = await tickets.versionOf(ticketId);
    for (const next of parked) {
      const decision = decide(reached, { kind: 'updated', version: next.version });
      if (decision === 'gap') break;
      // Refused, the copy has this version or a later one from somebody else: either way it has been reached.
      if (decision === 'apply') await tickets.advance(next, next.version - 1);
      reached = Math.max(reached ?? 0, next.version);
    }
    if (reached === undefined || reached < lowest.version) return;
    await tickets.unpark(ticketId, reached);
  }
}

/**
 * One pass over all gaps: applies what a crash left undone, and closes gaps that stayed open for too long.
 * Events carry the whole ticket, so only the versions in between are lost, and those are recorded. Once `ending` has
 * aborted, the gaps left are another pass's.
 */
export async function tendGaps(parts: ReplicationParts, ending?: AbortSignal): Promise<void> {
  const gaps = await parts.tickets.gaps();
  // Both reads are for all gaps together: a pass over many gaps must not take the database from the messages.
  const versions = await parts.tickets.versionsOf(gaps.map(({ ticketId }) => ticketId));
  const cutoff = after(parts.clock(), -parts.gapTimeoutMs);
  for (const { ticketId, lowestVersion, oldestParkedAt } of gaps) {
    if (ending?.aborted) return;
    const news = { kind: 'updated', version: lowestVersion } as const;
    if (decide(versions.get(ticketId), news) !== 'gap') await drainParked(parts, ticketId);
    if (parts.gapTimeoutMs > 0 && oldestParkedAt <= cutoff) await closeGap(parts, ticketId, cutoff);
  }
}

async function closeGap(parts: ReplicationParts, ticketId: string, cutoff: Date): Promise<void> {
  const { tickets, clock, log } = parts;
  // The version is read first and compared in the write: what is parked above it since the cutoff proves that the
  // gap right behind this version has been open for that long.
  const version = await tickets.versionOf(ticketId);
  const [next] = await tickets.parked(ticketId, 1);
  if (!next || !(await tickets.isParkedSince(ticketId, cutoff))) return;
  if (decide(version, { kind: 'updated', version: next.version }) !== 'gap') return;
  const jump: Jump = { to: next.version, at: clock(), ...(version !== undefined && { after: version }) };
  const outcome = await tickets.jump(next, jump);
  if (outcome === 'outdated') return;
  log.warn(
    { ticketId, missing: missingVersions(jump) },
    'closed a gap in a ticket without the versions that never came',
  );
  parts.onJump?.(ticketId, jump);
  await drainParked(parts, ticketId);
}
