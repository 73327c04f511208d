import { currentContext, runInContext, type WorkContext } from '../process/work-context.ts';
import { withTimeout } from './with-timeout.ts';

/** A unit of work may start no more operations, because its time is over or its response was sent. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('deadline exceeded, no more operations are started');
  }

  /** No own property: the driver copies these to its error of a bulk, whose `name` cannot be set. */
  override get name(): string {
    return 'DeadlineExceeded';
  }
}

/** The time left, in milliseconds: Infinity without a deadline, never above 0 after the response. */
export function remainingMs({ endsAt } = currentContext()): number {
  return endsAt - performance.now();
}

/** @throws DeadlineExceeded when the time is over */
export function throwIfPastDeadline(): void {
  if (remainingMs() <= 0) throw new DeadlineExceeded();
}

/**
 * Does a unit of work within `milliseconds`, or within the time left of the surrounding work if that is less. After it has
 * settled it can start no more operations; those that are running go on. `opened` names the request or message in its
 * log lines and events, by default that of the caller.
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
  const throwDeadlineExceeded = () => {
    throw new DeadlineExceeded();
  };
  try {
    return await withTimeout(leftMs, runInContext(context, work), throwDeadlineExceeded);
  } finally {
    context.endsAt = Number.NEGATIVE_INFINITY;
  }
}
