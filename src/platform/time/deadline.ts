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
 * From the answer on nothing is begun for it any more, though what was begun before goes on. Its log lines and events are
 * those of the request or message that `opened` names: the caller's, unless a new one is given.
 *
 * @throws DeadlineExceeded when the time is over before the work is done
 */
export async function withDeadline<Result>(
  milliseconds: number,
  work: () => Promise<Result>,
  opened: Omit<WorkContext, 'endsAt'> = currentContext(),
): Promise<Result> {
  const leftMs = Math.min(milliseconds, remainingMs());
  const { requestId, message } = opened;
  const context: WorkContext = { endsAt: performance.now() + leftMs, requestId, message };
  const tooLate = () => {
    throw new DeadlineExceeded();
  };
  try {
    return await withTimeout(leftMs, runInContext(context, work), tooLate);
  } finally {
    context.endsAt = Number.NEGATIVE_INFINITY;
  }
}
