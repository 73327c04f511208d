import { AsyncLocalStorage } from 'node:async_hooks';
import { withTimeout } from './with-timeout.ts';

/** Until when something may be begun for a unit of work. */
export interface Deadline {
  /** In milliseconds of `performance.now()`; -Infinity once the work has been answered. */
  endsAt: number;
}

const none: Deadline = { endsAt: Number.POSITIVE_INFINITY };
const current = new AsyncLocalStorage<Deadline>();

/** Nothing more is begun for a unit of work, because its time is over or it has been answered. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('out of time, nothing more is begun for this');
    this.name = 'DeadlineExceeded';
  }
}

/** The deadline of what is being done. It travels with asynchronous work by itself, not through signatures. */
export function currentDeadline(): Deadline {
  return current.getStore() ?? none;
}

/** The time left, in milliseconds: Infinity without a deadline, never above 0 once the work has been answered. */
export function remainingMs({ endsAt } = currentDeadline()): number {
  return endsAt - performance.now();
}

/** @throws DeadlineExceeded when the time is over */
export function throwIfPastDeadline(): void {
  if (remainingMs() <= 0) throw new DeadlineExceeded();
}

/**
 * Does a unit of work that is answered within `milliseconds`, or sooner where it is part of one with less time left.
 * From the answer on nothing is begun for it any more, though what was begun before goes on.
 *
 * @throws DeadlineExceeded when the time is over before the work is done
 */
export async function withDeadline<Result>(
  milliseconds: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const leftMs = Math.min(milliseconds, remainingMs());
  const deadline: Deadline = { endsAt: performance.now() + leftMs };
  const tooLate = () => {
    throw new DeadlineExceeded();
  };
  try {
    return await withTimeout(leftMs, current.run(deadline, work), tooLate);
  } finally {
    deadline.endsAt = Number.NEGATIVE_INFINITY;
  }
}

/** Does a part of somebody's work within the deadline of that work, without a timer of its own. */
export function underDeadline<Result>(deadline: Deadline, work: () => Result): Result {
  return current.run(deadline, work);
}

/** Begins what is to go on after the answer to those for whom it is begun, such as the sending of an event. */
export function withoutDeadline<Result>(work: () => Result): Result {
  return current.run(none, work);
}
