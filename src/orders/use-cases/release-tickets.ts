import type { TicketHolderStore } from '../store/ticket-holder-store.ts';
import {
  planRelease,
  type ReleaseOrderDeps,
  type ReleaseOutcome,
  type ReleasePlan,
  releaseOrder,
} from './release-order.ts';

/** Read and changed together: one bulk (see batcher.ts), and little memory. */
const pageSize = 100;

/**
 * So long after a ticket was withdrawn its holders are looked for once more, in milliseconds: longer than any request or
 * message that has read the ticket before may still write (release-tickets.unit.test.ts has the sums), and some time for a
 * server that does late what its client has given up.
 */
export const lookAgainAfterMs = 30_000;

/** What becomes of the order that holds a ticket; without an `orderId` no order holds it. */
export type HolderOutcome<Outcome> =
  | { ticketId: string; orderId: string; outcome: Outcome }
  | { ticketId: string; orderId?: undefined; outcome: { kind: 'not_held' } };

export interface ReleaseTicketsDeps extends ReleaseOrderDeps {
  holders: TicketHolderStore;
  /** Aborts when nothing more is to be begun. */
  signal: AbortSignal;
}

export interface ReleaseRequest {
  ticketIds: readonly string[];
  reason: string;
}

/**
 * What `releaseHolders` would do at this moment.
 *
 * @throws when the database is away, or with the signal's reason between two pages
 */
export function planHolders(
  deps: ReleaseTicketsDeps,
  ticketIds: readonly string[],
): AsyncGenerator<HolderOutcome<ReleasePlan>> {
  return eachHolder(deps, ticketIds, (orderId) => planRelease(deps, orderId));
}

/** Releases the orders that hold these tickets at this moment, and yields what became of each. @throws as `planHolders` does */
export function releaseHolders(
  deps: ReleaseTicketsDeps,
  { ticketIds, reason }: ReleaseRequest,
): AsyncGenerator<HolderOutcome<ReleaseOutcome>> {
  return eachHolder(deps, ticketIds, (orderId) => releaseOrder(deps, orderId, reason));
}

export interface ReleaseWithdrawnDeps extends ReleaseTicketsDeps {
  /** Time that only goes forward, in milliseconds. */
  uptimeMs: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** Called before the wait, with its length. */
  onWait?: (milliseconds: number) => Promise<void>;
}

/**
 * The same for tickets that are all withdrawn by now: looks again until none of them is held. A purchase or a late payment
 * that has read its ticket before may still write, so the last look is `lookAgainAfterMs` after this call or later. Yields
 * what became of each ticket in the first look, and of each order that is found later. It ends, too, when a look releases
 * nothing: what still holds a ticket then cannot be changed, and is in what it has yielded.
 */
export async function* releaseWithdrawn(
  deps: ReleaseWithdrawnDeps,
  request: ReleaseRequest,
): AsyncGenerator<HolderOutcome<ReleaseOutcome>> {
  const { uptimeMs, sleep, onWait, signal } = deps;
  const lookAgainAt = uptimeMs() + lookAgainAfterMs;
  yield* releaseHolders(deps, request);
  const leftMs = lookAgainAt - uptimeMs();
  if (leftMs > 0) {
    await onWait?.(leftMs);
    // A timer may fire a fraction of a millisecond early.
    await sleep(Math.ceil(leftMs) + 1);
    signal.throwIfAborted();
  }
  for (let hasReleased = true; hasReleased; ) {
    hasReleased = false;
    for await (const one of releaseHolders(deps, request)) {
      if (one.outcome.kind === 'released') hasReleased = true;
      if (one.orderId !== undefined) yield one;
    }
  }
}

async function* eachHolder<Outcome>(
  { holders, signal }: Pick<ReleaseTicketsDeps, 'holders' | 'signal'>,
  ticketIds: readonly string[],
  work: (orderId: string) => Promise<Outcome>,
): AsyncGenerator<HolderOutcome<Outcome>> {
  for (const page of pagesOf(ticketIds)) {
    signal.throwIfAborted();
    const held = await holders.findHolders(page);
    yield* await Promise.all(
      page.flatMap((ticketId) =>
        (held.get(ticketId) ?? [undefined]).map(async (orderId): Promise<HolderOutcome<Outcome>> => {
          if (orderId === undefined) return { ticketId, outcome: { kind: 'not_held' } };
          return { ticketId, orderId, outcome: await work(orderId) };
        }),
      ),
    );
  }
}

/** Several small lists of a long one, in its order. */
export function* pagesOf<Item>(items: readonly Item[], size = pageSize): Generator<Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
