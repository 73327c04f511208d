import { isDeepStrictEqual } from 'node:util';
import type { WantedIndex } from '../../src/platform/mongo/indexes.ts';

interface Query {
  filter: object;
  sort?: Record<string, 1 | -1>;
}

/**
 * Whether an index alone finds what a query looks for, in its order, reading no other entries: its key begins with the
 * fields that must be equal, goes on with those of the sort in one direction, and a range is on the first of these. It
 * follows MongoDB's rule: https://www.mongodb.com/docs/manual/tutorial/equality-sort-range-guideline/
 */
export function serves({ key, sparse, partialFilterExpression = {} }: WantedIndex, query: Query): boolean {
  const conditions = Object.entries(query.filter).filter(([name]) => !name.startsWith('$'));
  const holds = Object.entries(partialFilterExpression);
  const filter = Object.fromEntries(conditions);
  if (!holds.every(([name, value]) => isDeepStrictEqual(filter[name], value))) return false;
  if (sparse && !conditions.some(([name]) => name in key)) return false;

  const inIndex = conditions.filter(([name]) => !(name in partialFilterExpression));
  const ranges = inIndex.filter(([, value]) => isRange(value)).map(([name]) => name);
  const equal = inIndex.map(([name]) => name).filter((name) => !ranges.includes(name));
  const fields = Object.entries(key);
  const first = fields.slice(0, equal.length).map(([name]) => name);
  if (!isDeepStrictEqual(first.toSorted(), equal.toSorted())) return false;

  const rest = fields.slice(equal.length);
  const sorted = Object.entries(query.sort ?? {}).filter(([name]) => !equal.includes(name));
  const turns = sorted.map(([name, direction], index) =>
    rest[index]?.[0] === name ? direction * rest[index][1] : 0,
  );
  const inOneDirection = new Set(turns).size <= 1 && !turns.includes(0);
  return inOneDirection && ranges.every((name) => name === rest[0]?.[0]);
}

function isRange(value: unknown): boolean {
  const operators = ['$gt', '$gte', '$lt', '$lte'];
  return Object.keys(Object(value)).some((name) => operators.includes(name));
}
