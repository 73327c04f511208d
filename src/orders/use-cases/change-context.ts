import { currentContext } from '../../platform/process/work-context.ts';
import type { Clock } from '../../platform/time/clock.ts';
import type { ChangeContext } from '../domain/change-context.ts';

/** The context of a change that is made now: the time, and the id of the current request, if there is one. */
export function changeContext(clock: Clock): ChangeContext {
  const { requestId } = currentContext();
  return requestId === undefined ? { now: clock() } : { now: clock(), correlationId: requestId };
}
