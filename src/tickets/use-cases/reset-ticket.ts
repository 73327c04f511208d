import type { Clock } from '../../platform/time/clock.ts';
import type { ResetStore } from '../store/reset-store.ts';

export interface ResetDeps {
  resets: ResetStore;
  clock: Clock;
}

/** What a reset changes. */
export interface ResetPlan {
  ticketId: string;
  from: number;
  to: number;
  title: string;
  price: number;
  /** How many times operators have reset this ticket before. */
  resetsBefore: number;
  /** Parked updates that are forgotten, since the copy has reached them or would never believe them; and those left. */
  parked: { useless: number; left: number };
}

/** What a reset of the ticket to version `to` would change; undefined where there is no copy. */
export async function planReset(
  { resets }: ResetDeps,
  ticketId: string,
  to: number,
): Promise<ResetPlan | undefined> {
  const copy = await resets.find(ticketId);
  if (!copy) return undefined;
  const { version: from, title, price } = copy;
  const parked = await resets.countParked(ticketId, to);
  return { ticketId, from, to, title, price, resetsBefore: copy.resets?.length ?? 0, parked };
}

/**
 * Puts the version of a copy where an operator says that it is: the one exception to the promise that it only grows. Its
 * title and price stay until the next version comes; orders keep what they have. What is parked and follows is applied
 * by the service. One that was interrupted can be made again.
 *
 * @returns whether it was made; not, when the version has changed since the plan
 */
export async function resetTicket(
  { resets, clock }: ResetDeps,
  { ticketId, from, to }: Pick<ResetPlan, 'ticketId' | 'from' | 'to'>,
  reason: string,
): Promise<boolean> {
  const isMade = from === to || (await resets.reset(ticketId, { from, to, at: clock(), reason }));
  if (isMade) await resets.discardUselessParked(ticketId, to);
  return isMade;
}
