import mongoose, { type mongo } from 'mongoose';
import { isDuplicateKey } from './database-errors.ts';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;

/**
 * For `bulkWrite`: a failed write does not stop the others. The second option is needed: without it Mongoose drops writes
 * that its schema refuses from an unordered bulk, and reports success.
 * https://mongoosejs.com/docs/api/model.html#Model.bulkWrite()
 */
export const unordered = { ordered: false, throwOnValidationError: true } as const;

/** For `bulkWrite`: one write after the other, and none after one that fails. */
export const ordered = { ordered: true } as const;

/**
 * For `insertMany` of documents that `Model.validate` has cast and validated before they came into the batch, so that an
 * invalid document fails alone. `insertMany` itself would drop invalid documents (see `unordered`), insert nothing when one
 * document has an unknown field, and create a model for each document.
 */
export const validated = { ordered: false, lean: true } as const;

/** `refused`: by a unique index. `written`: if its filter matched. Every other failure is an error. */
type WriteOutcome = 'written' | 'refused' | Error;

/**
 * The outcome of each write of an `insertMany` or `bulkWrite`, in their order; of an `ordered` one, those after a failure count
 * as written. A write that the schema refuses is not sent, and fails with Mongoose's error.
 *
 * @throws the error of the bulk, when it has no errors of single writes: then the outcome of all is unknown
 */
export async function bulkOutcomes(bulk: Promise<unknown>, writes: number): Promise<WriteOutcome[]> {
  const outcomes = Array.from<WriteOutcome>({ length: writes }).fill('written');
  for (const [index, outcome] of await bulk.then(() => [], failuresIn)) outcomes[index] = outcome;
  return outcomes;
}

/** Mongoose stores the outcome of each write here, by the caller's index. */
interface ByMongoose {
  results?: unknown[];
  mongoose?: { results?: unknown[] };
}

/** The errors of single writes in a bulk's error. @throws the error, when the outcome of the others is unknown */
function failuresIn(error: unknown): [index: number, WriteOutcome][] {
  const { results, mongoose: decoration } = error as ByMongoose;
  const decorated = results ?? decoration?.results ?? [];
  const refused = [...decorated.entries()].flatMap(([index, result]): [number, Error][] =>
    result instanceof Error ? [[index, result]] : [],
  );
  if (error instanceof mongoose.Error && refused.length > 0) return refused;
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  // Without the acknowledgement of a majority a failover may undo the other writes.
  if (failures.length === 0 || error.result.getWriteConcernError()) throw error;
  // The driver's indexes do not count the writes that the schema has refused.
  const indexOf = (failure: mongo.WriteError) => Math.max(decorated.indexOf(failure), failure.index);
  return [...refused, ...failures.map((one): [number, WriteOutcome] => [indexOf(one), outcomeOf(one)])];
}

function outcomeOf({ code, errmsg }: mongo.WriteError): WriteOutcome {
  const error = new MongoServerError({ message: errmsg ?? '', code });
  return isDuplicateKey(error) ? 'refused' : error;
}
