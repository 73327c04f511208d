import { isDeepStrictEqual } from 'node:util';
import type { Collection } from 'mongoose';

export interface WantedIndex {
  name: string;
  key: Record<string, 1 | -1>;
  unique?: true;
  sparse?: true;
  partialFilterExpression?: Record<string, unknown>;
}

/** The model whose collection has the indexes. */
export interface IndexedModel {
  collection: Collection;
}

/** A collection and all indexes that the service relies on. */
export interface IndexedCollection {
  model: IndexedModel;
  indexes: readonly WantedIndex[];
}

/** Existing indexes conflict with the wanted ones. Each problem names the collection, the index and the difference. */
class IndexConflict extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`the database has other indexes than this version needs:\n  ${problems.join('\n  ')}`);
    this.name = 'IndexConflict';
    this.problems = problems;
  }
}

/** An index without which a write must not be made is missing. It is worth another try: it will be built. */
export class IndexMissing extends Error {
  constructor(name: string) {
    super(`the index ${name} is missing`);
    this.name = 'IndexMissing';
  }
}

/**
 * Creates the indexes that are missing; resolves when all are in force. One that does the same under another name is fine: operators build the new one
 * under a new name before they drop the old one. Other indexes are left alone.
 *
 * @throws IndexConflict when an existing index has the name or the key of a wanted one but differs from it, and none does
 *   the same; nothing is dropped or created then
 */
export async function ensureIndexes(collections: readonly IndexedCollection[]): Promise<void> {
  const problems = await Promise.all(collections.map(findConflicts));
  if (problems.flat().length > 0) throw new IndexConflict(problems.flat());
  for (const { model, indexes } of collections) {
    const existing = await existingIndexes(model);
    const named = indexes.filter(
      (wanted) => !existing.some((index) => index.name !== wanted.name && doesTheSame(index, wanted)),
    );
    // Those that are listed, too: MongoDB lists an index while another replica builds it, and holds the command until it
    // is in force. What is there already costs nothing: https://www.mongodb.com/docs/manual/core/index-creation/
    // The driver's collection, only here: Mongoose's `createIndexes` creates all indexes of a schema or none, and sends
    // a command for each, while MongoDB reads the documents once for all indexes of one command.
    if (named.length > 0) await model.collection.createIndexes(named);
  }
}

/** Whether there are indexes with the effect of the wanted ones, under any names. */
export async function hasIndexes({ model, indexes }: IndexedCollection): Promise<boolean> {
  const existing = await existingIndexes(model);
  return indexes.every((wanted) => existing.some((index) => doesTheSame(index, wanted)));
}

/** The name of a model's collection. */
export function nameOf({ collection }: IndexedModel): string {
  return collection.collectionName;
}

async function findConflicts({ model, indexes }: IndexedCollection): Promise<string[]> {
  const found = await existingIndexes(model);
  const name = nameOf(model);
  const missing = indexes.filter((wanted) => !found.some((index) => doesTheSame(index, wanted)));
  const existing = found.map(essence);
  return missing
    .map(essence)
    .flatMap((wanted) =>
      existing
        .filter((index) => index.name === wanted.name || isDeepStrictEqual(index.key, wanted.key))
        .map(
          (index) =>
            `${name}: found ${JSON.stringify(index)}, needed ${JSON.stringify(wanted)}: drop it with db.${name}.dropIndex(${JSON.stringify(index.name)}) and start again`,
        ),
    );
}

async function existingIndexes({ collection }: IndexedModel): Promise<WantedIndex[]> {
  try {
    return (await collection.listIndexes().toArray()) as WantedIndex[];
  } catch (error) {
    // NamespaceNotFound: a collection that does not exist yet has no indexes.
    if ((error as { code?: unknown }).code === 26) return [];
    throw error;
  }
}

function doesTheSame(one: WantedIndex, other: WantedIndex): boolean {
  return isDeepStrictEqual({ ...essence(one), name: '' }, { ...essence(other), name: '' });
}

/** The properties that decide how an index behaves, without those that servers add (format version, background). */
function essence({ name, key, unique, sparse, partialFilterExpression }: WantedIndex) {
  return {
    name,
    // The order of the fields matters, and deep equality of objects ignores it.
    key: JSON.stringify(key),
    unique: unique ?? false,
    sparse: sparse ?? false,
    partialFilterExpression: partialFilterExpression ?? {},
  };
}
