/** What is gathered for one round trip, and how many of these are under way. */
export interface GatherLimits {
  /** Items in one act. */
  together: number;
  /** Acts at the same time. More wait, so the busier the database, the more share a round trip. */
  underWay: number;
}

const usualLimits: GatherLimits = { together: 256, underWay: 2 };

/**
 * Gathers what is asked for in the same turn of the event loop, and what is asked for while enough is under way, and
 * does it in one go: alone a question costs what it did, under load many share a round trip. `act` resolves with an
 * outcome for each item, in their order; an outcome that is an Error is that item's failure alone. When `act` rejects,
 * all that were in it fail.
 */
export function gather<Item, Outcome>(
  act: (items: Item[]) => Promise<(Outcome | Error)[]>,
  { together, underWay }: GatherLimits = usualLimits,
): (item: Item) => Promise<Outcome> {
  const gathered: Waiting<Item, Outcome>[] = [];
  let acts = 0;

  async function settle(waiting: Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await act(waiting.map(({ item }) => item));
      for (const [place, { resolve, reject }] of waiting.entries()) {
        const outcome = outcomes[place];
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome as Outcome);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  function actOnGathered(): void {
    while (gathered.length > 0 && acts < underWay) {
      acts++;
      void settle(gathered.splice(0, together)).finally(() => {
        acts--;
        // Those that were just answered may ask again in this turn, and are to be in it.
        setImmediate(actOnGathered);
      });
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      // After the turn's input has been read: what came with this item has been asked for by then.
      if (gathered.length === 0) setImmediate(actOnGathered);
      gathered.push({ item, resolve, reject });
    });
}

interface Waiting<Item, Outcome> {
  item: Item;
  resolve: (outcome: Outcome) => void;
  reject: (reason: unknown) => void;
}
