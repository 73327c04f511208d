import { currentContext, runInContext, type WorkContext } from '../process/work-context.ts';
import { withTimeout } from './with-timeout.ts';

/** Nothing more is begun for a unit of work, because its time is over or it has been answered. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('out of time, nothing more is begun for this');
    this.name = 'DeadlineExceeded';
  }
}

/** The time left, in milliseconds: Infinity without a deadline, never above 0 once the work has been answered. */
export function remainingMs({ endsAt } = currentContext()): number {
  return endsAt - performance.now();
}

/** @throws DeadlineExceeded when the time is over */
export function throwIfPastDeadline(): void {
  if (remainingMs() <= 0) throw new DeadlineExceeded();
}

/**
 * Does a unit of work that is answered within `milliseconds`, or sooner where it is part of one with less time left.
 * From the answer on nothing is begun for it any more, though what was begun before goes on. The work has the context
 * that its caller has, and what `opened` adds to it.
 *
 * @throws DeadlineExceeded when the time is over before the work is done
 */
export async function withDeadline<Result>(
  milliseconds: number,
  work: () => Promise<Result>,
  opened: Omit<WorkContext, 'endsAt'> = {},
): Promise<Result> {
  const leftMs = Math.min(milliseconds, remainingMs());
  const context = { ...currentContext(), ...opened, endsAt: performance.now() + leftMs };
  const tooLate = () => {
    throw new DeadlineExceeded();
  };
  try {
    return await withTimeout(leftMs, runInContext(context, work), tooLate);
  } finally {
    context.endsAt = Number.NEGATIVE_INFINITY;
  }
}
