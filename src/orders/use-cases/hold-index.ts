import type { Logger } from 'pino';
import { isDuplicateKey } from '../../platform/mongo/database-errors.ts';
import { IndexMissing } from '../../platform/mongo/indexes.ts';
import { addMs, type Clock } from '../../platform/time/clock.ts';
import type { HoldIndexStore } from '../store/hold-index-store.ts';

/** After this time another replica replaces one that crashed. The server joins two builds of the same index. */
const leaseMs = 60_000;

export interface HoldIndexDeps {
  index: HoldIndexStore;
  /** Builds the index, without a time limit. @throws a duplicate key error when two orders hold the same ticket */
  build: () => Promise<void>;
  clock: Clock;
  log: Logger;
}

export type HoldIndex = ReturnType<typeof watchHoldIndex>;

/**
 * Watches the unique index that lets only one order hold a ticket. The start ensures it. If somebody drops it later,
 * writes that take a hold are unsafe, so they are refused from the next check on. One replica builds the index again,
 * unless two orders hold the same ticket by then: an operator has to choose one of them.
 */
export function watchHoldIndex({ index, build, clock, log }: HoldIndexDeps) {
  const { lease } = index;
  let isUp = true;
  let isDoubledLogged = false;

  function becomeUp(): void {
    if (!isUp) log.info('the index of the holds is there again');
    isUp = true;
    isDoubledLogged = false;
  }

  function takeLease(): Promise<boolean> {
    const now = clock();
    return lease.take({ now, until: addMs(now, leaseMs) });
  }

  async function buildUnlessDoubled(): Promise<void> {
    try {
      await build();
      becomeUp();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      if (isDoubledLogged) return;
      isDoubledLogged = true;
      const orderIds = await index.findDoubledHolders();
      log.error({ orderIds }, 'the index of the holds cannot be built: tickets are held by several orders');
    }
  }

  return {
    isUp: () => isUp,

    /** @throws IndexMissing while two orders could hold one ticket */
    throwIfMissing(): void {
      if (!isUp) throw new IndexMissing('one holder per ticket');
    },

    /** One check. Builds the index if it is missing and no other replica does. */
    async check(): Promise<void> {
      const isListed = await index.isThere();
      if (isListed && !(await index.isBeingBuilt(clock()))) return becomeUp();
      if (isUp) log.error('the index of the holds is missing: nobody can buy until it is there again');
      isUp = false;
      if (!(await takeLease())) return;
      // A build may take longer than the lease. If one renewal fails, the next may succeed.
      const renewal = setInterval(() => void takeLease().catch(() => false), leaseMs / 3);
      try {
        if (!isListed) await buildUnlessDoubled();
      } finally {
        clearInterval(renewal);
        await lease.release();
      }
    },
  };
}
