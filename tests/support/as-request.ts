import { runInContext } from '../../src/platform/process/work-context.ts';

/** Does work as a request with this id does. */
export function asRequest<Result>(requestId: string, work: () => Result): Result {
  return runInContext({ endsAt: Number.POSITIVE_INFINITY, requestId }, work);
}
