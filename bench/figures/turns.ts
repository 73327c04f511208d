/** All that are compared, each round beginning with another, so that none has the advantage of its place. */
export function turnsOf<Item>(items: readonly Item[], round: number): Item[] {
  // Round 0 warms up: the first that counts begins with the first, and so does its table.
  const first = (round + items.length - 1) % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
