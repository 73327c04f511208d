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
  /** The number of earlier resets of this ticket. */
  resetsBefore: number;
  /** The number of parked updates that are deleted (reached, or never accepted), and of those that stay. */
  parked: { useless: number; left: number };
}

/** What a reset of the ticket to version `to` would change; undefined when there is no copy. */
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
 * Sets the version of a copy to an operator's value: the only exception to the promise that it only grows. Title and price
 * stay until the next version comes; orders do not change. The service then applies parked updates of the next versions. A
 * reset that was interrupted can be repeated.
 *
 * @returns false when the version has changed since the plan; nothing is done then
 */
export async function resetTicket(
  { resets, clock }: ResetDeps,
  { ticketId, from, to }: Pick<ResetPlan, 'ticketId' | 'from' | 'to'>,
  reason: string,
): Promise<boolean> {
  const isDone = from === to || (await resets.reset(ticketId, { from, to, at: clock(), reason }));
  if (isDone) await resets.discardUselessParked(ticketId, to);
  return isDone;
}
