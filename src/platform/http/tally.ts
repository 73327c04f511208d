/** Counts by key. A key with the count 0 takes no memory. */
export interface Tally {
  add(kind: string): void;
  remove(kind: string): void;
  of(kind: string): number;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  const of = (kind: string) => counts.get(kind) ?? 0;
  return {
    add: (kind) => void counts.set(kind, of(kind) + 1),
    remove(kind) {
      if (of(kind) > 1) counts.set(kind, of(kind) - 1);
      else counts.delete(kind);
    },
    of,
  };
}
