import { addMs } from '../../platform/time/clock.ts';
import { type ExpireOrdersDeps, expireEach, expireUnlessFailing } from './expire-each.ts';

/** Clocks differ by up to a second, and a write that started before the end of its order's hold may take five. */
const overlapMs = 10_000;
/** After so many first failures a pass leaves the rest. */
const maxFailures = 200;
/** Failed orders that a pass tries again, so that its time is bounded. */
const maxRetries = 20;

/**
 * Makes the pass that runs every second. It expires the orders whose hold time has ended since the last pass, and retries a
 * few that have failed, so its cost is bounded. When too many fail, it leaves the others to `expireOverdueOrders` and calls
 * `onLeft`.
 */
export function createExpirySweep(deps: ExpireOrdersDeps, onLeft: () => void) {
  const { orders, clock } = deps;
  let endedAfter = addMs(clock(), -overlapMs);

  /** Resolves with whether orders are left. */
  async function expireNew(now: Date, signal?: AbortSignal): Promise<boolean> {
    let failures = 0;
    for await (const page of orders.findOverdue({ after: endedAfter, until: now })) {
      const outcomes = await expireUnlessFailing(deps, page);
      failures += outcomes.filter((outcome) => outcome === 'failed').length;
      if (signal?.aborted || failures >= maxFailures) return true;
    }
    return false;
  }

  /** @throws when the database is away; the next pass starts where this one did */
  return async (signal?: AbortSignal): Promise<void> => {
    const now = clock();
    const left = await expireNew(now, signal);
    if (signal?.aborted) return;
    endedAfter = addMs(now, -overlapMs);
    if (left) onLeft();
    await retryFailed(deps);
  };
}

async function retryFailed(deps: ExpireOrdersDeps): Promise<void> {
  const ids = deps.retries.due(maxRetries);
  if (ids.length === 0) return;
  const overdue = await deps.orders.readOverdue(ids, deps.clock());
  await expireEach(deps, overdue);
  const left = new Set(overdue.map(({ id }) => id));
  for (const id of ids) if (!left.has(id)) deps.retries.succeeded(id);
}
