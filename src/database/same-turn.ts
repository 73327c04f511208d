/** So many share a round trip at most. */
export const mostAtOnce = 256;

/**
 * Gathers what is asked for in the same turn of the event loop, and does it in one go: alone a question costs what it
 * did, under load many share a round trip. `act` resolves with an outcome for each item, in their order; an outcome
 * that is an Error is that item's failure alone. When `act` rejects, all that were in it fail.
 */
export function inSameTurn<Item, Outcome>(
  act: (items: Item[]) => Promise<(Outcome | Error)[]>,
  most: number,
): (item: Item) => Promise<Outcome> {
  let gathered: Waiting<Item, Outcome>[] = [];

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
    const waiting = gathered;
    gathered = [];
    for (let first = 0; first < waiting.length; first += most) {
      void settle(waiting.slice(first, first + most));
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
