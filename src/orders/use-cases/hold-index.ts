import type { Logger } from 'pino';
import { isDuplicateKey } from '../../platform/mongo/database-errors.ts';
import { IndexMissing } from '../../platform/mongo/indexes.ts';
import { addMs, type Clock } from '../../platform/time/clock.ts';
import type { HoldIndexStore } from '../store/hold-index-store.ts';

/** After a builder that died, another one begins. For the server two builds of one index are one. */
const leaseMs = 60_000;

export interface HoldIndexDeps {
  index: HoldIndexStore;
  /** Builds the index, however long that takes. @throws a duplicate key where a ticket has two holders */
  build: () => Promise<void>;
  clock: Clock;
  log: Logger;
}

export type HoldIndex = ReturnType<typeof watchHoldIndex>;

/**
 * Looks after the index that lets one order hold a ticket. It is there at the start; whoever drops it while the service
 * runs makes every write that takes a hold unsafe, so these are refused from the next check on. One replica
 * builds it again, unless a ticket has two holders by then: an operator has to decide between them.
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

    /** @throws IndexMissing while nothing would keep two orders from holding one ticket */
    throwIfMissing(): void {
      if (!isUp) throw new IndexMissing('one holder per ticket');
    },

    /** One check, and what follows from it. */
    async check(): Promise<void> {
      const isListed = await index.isThere();
      if (isListed && !(await index.isBeingBuilt(clock()))) return becomeUp();
      if (isUp) log.error('the index of the holds is missing: nobody can buy until it is there again');
      isUp = false;
      if (!(await takeLease())) return;
      // A build may take longer than the lease. One that could not be prolonged may be the next time.
      const prolonging = setInterval(() => void takeLease().catch(() => false), leaseMs / 3);
      try {
        if (!isListed) await buildUnlessDoubled();
      } finally {
        clearInterval(prolonging);
        await lease.release();
      }
    },
  };
}
