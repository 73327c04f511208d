/** Choices that are the same in every run with the same seed. */
export interface Random {
  /** From `low` to below `high`. */
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  /** @throws when there is nothing to pick from */
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
  /** 24 hexadecimal digits. */
  objectId(): string;
}

/**
 * A source of choices for one purpose. Every buyer and every ticket has one of its own, so that its choices do not
 * depend on who else was faster.
 */
export function randomFrom(seed: number, purpose: string): Random {
  let state = hashOf(`${seed}/${purpose}`);

  /** mulberry32, https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));

  function pick<Item>(items: readonly Item[]): Item {
    const item = items[whole(0, items.length - 1)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }

  return {
    between: (low, high) => low + next() * (high - low),
    whole,
    chance: (probability) => next() < probability,
    pick,
    shuffled: (items) =>
      items
        .map((item) => ({ item, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item),
    objectId: () => Array.from({ length: 24 }, () => whole(0, 15).toString(16)).join(''),
  };
}

/** FNV-1a: spreads similar texts over all states. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash;
}
