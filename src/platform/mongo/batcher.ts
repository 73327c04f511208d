import { currentContext, runInContext, type WorkContext } from '../process/work-context.ts';
import { DeadlineExceeded, remainingMs } from '../time/deadline.ts';

export interface BatcherOptions<Item, Outcome> {
  /**
   * Handles all items in one round trip. Resolves with an outcome for each, in their order; an outcome that is an Error
   * is that item's failure alone. When it rejects, all that were in it fail. It runs in the context of no request.
   */
  runBatch: (items: Item[]) => Promise<(Outcome | Error)[]>;
  /** Items in one batch. */
  maxBatchSize?: number;
  /** Batches at the same time. Further items wait, so the busier the database is, the more share a round trip. */
  concurrency?: number;
  /** Items that wait for a batch. */
  maxWaiting?: number;
}

/**
 * Sixteen full batches. When the database needs longer for them than a request may take, an item behind them would fail
 * anyway. A waiting purchase needs some kB: together a few per cent of the memory that the deployment allows.
 */
const defaultMaxWaiting = 4_096;

/**
 * An item with less time left than this does not come into a batch, in milliseconds: its outcome would hardly be in time,
 * and the whole batch would have the deadline of this item.
 */
const minRemainingMs = 250;

/** The maximum of items waits for the database already. Nothing was begun for this one. */
export class TooManyWaiting extends Error {
  constructor() {
    super('too many wait for the database');
    this.name = 'TooManyWaiting';
  }
}

/**
 * Collects into one batch the items of the same turn of the event loop, and those that come while `concurrency` batches
 * are running: a single item costs what it did without, and under load many share a round trip. A batch runs within the
 * earliest deadline of its items. The returned function rejects with the item's own error, with `DeadlineExceeded` when
 * the item's deadline has passed before its batch, and at once with `TooManyWaiting` when there is no room.
 */
export function createBatcher<Item, Outcome>({
  runBatch,
  maxBatchSize = 256,
  concurrency = 2,
  maxWaiting = defaultMaxWaiting,
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
        // The callers that have their outcomes now may add items in this turn: they come into the next batch.
        setImmediate(runBatches);
      });
    }
  }

  /** The next items with enough time; those between them without are rejected. */
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
      // After the turn's input has been read: the items that came with this one are there by then.
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
