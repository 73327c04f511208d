import { currentContext, runInContext, type WorkContext } from '../process/work-context.ts';
import { DeadlineExceeded, remainingMs } from '../time/deadline.ts';

export interface BatcherOptions<Item, Outcome> {
  /**
   * Handles all items in one round trip. Resolves with an outcome for each item, in their order; only the items with an
   * Error as outcome fail. All items fail when it rejects. It runs outside any request's context.
   */
  runBatch: (items: Item[]) => Promise<(Outcome | Error)[]>;
  /** Maximum of items in one batch. */
  maxBatchSize?: number;
  /** Maximum of batches at the same time. Other items wait: the busier the database, the more items share a round trip. */
  concurrency?: number;
  /** Maximum of items that wait for a batch. */
  maxWaiting?: number;
}

/**
 * Sixteen full batches. If the database cannot handle them within the deadline of a request, a later item would fail
 * anyway. A waiting purchase needs some kB: together a few per cent of the memory limit of the deployment.
 */
const defaultMaxWaiting = 4_096;

/**
 * An item with less time left than this is rejected, in milliseconds: its outcome would hardly come in time, and its
 * deadline would be that of the whole batch.
 */
const minRemainingMs = 250;

/** As many items as allowed wait for the database already. Nothing was started for this one. */
export class TooManyWaiting extends Error {
  constructor() {
    super('too many operations wait for the database');
    this.name = 'TooManyWaiting';
  }
}

/**
 * Puts into one batch the items of one event loop iteration, and those that wait while `concurrency` batches are running:
 * a single item is not delayed, and under load many items share a round trip. A batch has the earliest deadline of its
 * items. The returned function rejects with the item's error, with `DeadlineExceeded` when less than `minRemainingMs` is
 * left when its batch starts, and at once with `TooManyWaiting` when `maxWaiting` items wait.
 */
export function createBatcher<Item, Outcome>({
  runBatch,
  maxBatchSize = 256,
  concurrency = 2,
  maxWaiting = defaultMaxWaiting,
}: BatcherOptions<Item, Outcome>): (item: Item) => Promise<Outcome> {
  const waiting: Waiting<Item, Outcome>[] = [];
  let running = 0;

  async function run(batch: Waiting<Item, Outcome>[]): Promise<void> {
    try {
      // A context of its own: otherwise the batch would run in that of its first item.
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
      void run(batch).finally(() => {
        running--;
        // Callers that have just got their outcomes may add items for the next batch before it starts.
        setImmediate(runBatches);
      });
    }
  }

  /** Takes the next items that have enough time left, and rejects the others before them. */
  function takeBatch(): Waiting<Item, Outcome>[] {
    const batch: Waiting<Item, Outcome>[] = [];
    let taken = 0;
    for (const next of waiting) {
      if (batch.length === maxBatchSize) break;
      taken++;
      if (remainingMs(next.context) < minRemainingMs) next.reject(new DeadlineExceeded());
      else batch.push(next);
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
      // Runs after the input of this event loop iteration was read, so with all items that come with it.
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
