import { currentContext, runInContext, type WorkContext } from '../process/work-context.ts';
import { DeadlineExceeded, remainingMs } from '../time/deadline.ts';

export interface BatcherOptions<Item, Outcome> {
  /**
   * Does all of it in one round trip, and resolves with an outcome for each item, in their order; one that is an Error
   * is that item's failure alone. When it rejects, all that were in it fail. It belongs to no request: an item is complete.
   */
  runBatch: (items: Item[]) => Promise<(Outcome | Error)[]>;
  /** Items in one batch. */
  maxBatchSize?: number;
  /** Batches at the same time. More wait, so the busier the database, the more share a round trip. */
  concurrency?: number;
  /** Items that wait for a batch. */
  maxWaiting?: number;
}

/**
 * Sixteen full batches. A database that is so slow that they take longer than a request has is of no use to those behind
 * them, and a waiting purchase keeps some kB: together a few per cent of the memory that the deployment allows.
 */
const usualMaxWaiting = 4_096;

/**
 * What has less time left than this is not taken into a batch, in milliseconds: its answer would hardly be in time, and
 * the whole batch would have to leave within what its shortest one has left.
 */
const minRemainingMs = 250;

/** As many items wait for the database as may wait. Nothing was begun for this one. */
export class TooManyWaiting extends Error {
  constructor() {
    super('too many wait for the database');
    this.name = 'TooManyWaiting';
  }
}

/**
 * Puts what is asked for in the same turn of the event loop, and what is asked for while enough batches are under way,
 * into one batch: alone an item costs what it did, under load many share a round trip. A batch runs within the deadline
 * of the item that has the least time left. Rejects with what the item failed with; with `DeadlineExceeded` when its
 * time was over before it was taken; at once with `TooManyWaiting` when it finds no room.
 */
export function createBatcher<Item, Outcome>({
  runBatch,
  maxBatchSize = 256,
  concurrency = 2,
  maxWaiting = usualMaxWaiting,
}: BatcherOptions<Item, Outcome>): (item: Item) => Promise<Outcome> {
  const waiting: Waiting<Item, Outcome>[] = [];
  let running = 0;

  async function settle(batch: Waiting<Item, Outcome>[]): Promise<void> {
    try {
      // Not in the context of the item that came first.
      const endsAt = Math.min(...batch.map(({ context }) => context.endsAt));
      const outcomes = await runInContext({ endsAt }, () => runBatch(batch.map(({ item }) => item)));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome as Outcome);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function runBatches(): void {
    while (waiting.length > 0 && running < concurrency) {
      const batch = takeBatch();
      if (batch.length === 0) continue;
      running++;
      void settle(batch).finally(() => {
        running--;
        // Those that were just answered may ask again in this turn, and are to be in it.
        setImmediate(runBatches);
      });
    }
  }

  /** The next ones that have time enough; those in between that have not are rejected. */
  function takeBatch(): Waiting<Item, Outcome>[] {
    const batch: Waiting<Item, Outcome>[] = [];
    let taken = 0;
    for (const one of waiting) {
      if (batch.length === maxBatchSize) break;
      taken++;
      if (remainingMs(one.context) < minRemainingMs) one.reject(new DeadlineExceeded());
      else batch.push(one);
    }
    waiting.splice(0, taken);
    return batch;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        reject(new TooManyWaiting());
        return;
      }
      // After the turn's input has been read: what came with this item has been asked for by then.
      if (waiting.length === 0) setImmediate(runBatches);
      waiting.push({ item, context: currentContext(), resolve, reject });
    });
}

interface Waiting<Item, Outcome> {
  item: Item;
  context: WorkContext;
  resolve: (outcome: Outcome) => void;
  reject: (reason: unknown) => void;
}
