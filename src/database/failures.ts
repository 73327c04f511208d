import mongoose, { type mongo } from 'mongoose';

const { MongoBulkWriteError, MongoError, MongoNetworkError, MongoServerSelectionError, MongoServerError } =
  mongoose.mongo;

/**
 * Server codes that say "not now": the node is not, or no longer, the primary; it shuts down; the majority did
 * not acknowledge in time; the operation ran out of time.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const outageCodes = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

const outageNames = new Set([
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoOperationTimeoutError',
]);

/**
 * Codes of Node's own errors. The driver hands them on as they are when the server has closed a connection that it is
 * just about to write to.
 */
const outageSystemCodes = new Set(['EPIPE', 'ECONNRESET', 'ETIMEDOUT']);

/**
 * Whether the database could not be reached or could not answer in time. The outcome of a write is then
 * unknown: it may have happened.
 */
export function isOutage(error: unknown): boolean {
  if (outageSystemCodes.has(systemCode(error))) return true;
  if (!(error instanceof MongoError)) return false;
  // The driver makes one of whatever befalls a bulk. Only what the server has answered has a code.
  if (error instanceof MongoBulkWriteError && error.code === undefined) return true;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoServerError && outageCodes.has(Number(error.code))) return true;
  return outageNames.has(error.name) || error.hasErrorLabel('RetryableWriteError');
}

function systemCode(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code);
}

const duplicateKey = 11_000;

/** Whether a unique index refused the write. Which one is not told: several may have been hit. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}

/**
 * What became of each of the writes of an unordered bulk, in their order: a unique index refused it, it failed in
 * another way, or it is written, if it matched.
 *
 * @throws what the bulk failed with, when that does not tell of the single writes: the outcome of all is unknown then
 */
export async function bulkOutcomes(
  bulk: Promise<unknown>,
  writes: number,
): Promise<('written' | 'refused' | Error)[]> {
  const outcomes = Array.from<'written' | 'refused' | Error>({ length: writes }).fill('written');
  for (const { index, code, errmsg } of await bulk.then(() => [], failuresIn)) {
    outcomes[index] =
      code === duplicateKey ? 'refused' : new MongoServerError({ message: errmsg ?? '', code });
  }
  return outcomes;
}

/** The single failures that a bulk's error tells of. @throws the error, when it does not tell what became of all */
function failuresIn(error: unknown): mongo.WriteError[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  // Without the acknowledgement of a majority none of the others is known to stay.
  if (failures.length === 0 || error.result.getWriteConcernError()) throw error;
  return failures;
}
