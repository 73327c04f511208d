import mongoose from 'mongoose';
import { DeadlineExceeded } from '../time/deadline.ts';
import { DatabaseAway } from './availability.ts';
import { TooManyWaiting } from './batcher.ts';
import { IndexMissing } from './indexes.ts';

const { MongoBulkWriteError, MongoError, MongoNetworkError, MongoServerSelectionError, MongoServerError } =
  mongoose.mongo;

/**
 * Labels that a server or the driver adds to errors that can be retried. New versions add codes, but keep the labels.
 */
const outageLabels = ['RetryableError', 'SystemOverloadedError', 'RetryableWriteError', 'PoolRequestedRetry'];

/**
 * Server codes of temporary failures: the node is not, or no longer, the primary; it shuts down or is overloaded; the
 * majority did not acknowledge in time; the operation was interrupted or timed out; a router has outdated routing data.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const outageCodes = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  43, // CursorNotFound
  50, // MaxTimeMSExpired
  63, // StaleShardVersion
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  150, // StaleEpoch
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  211, // KeyNotFound
  234, // RetryChangeStream
  262, // ExceededTimeLimit
  365, // TemporarilyUnavailable
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

const outageNames = new Set([
  'MongoNotConnectedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoOperationTimeoutError',
  'MongoStalePrimaryError',
]);

/**
 * Codes of Node's own errors. The driver passes them on when the server has closed a connection that it is about to write
 * to.
 */
const outageSystemCodes = new Set(['EPIPE', 'ECONNRESET', 'ETIMEDOUT']);

/** The service's own errors for operations that were not sent, because the database is away, too slow or lacks an index. */
const refusalClasses = [DeadlineExceeded, TooManyWaiting, DatabaseAway, IndexMissing];

/**
 * Whether the database could not be reached or could not answer in time. The outcome of a write is then
 * unknown: it may have happened.
 */
export function isOutage(error: unknown): boolean {
  if (refusalClasses.some((refusal) => error instanceof refusal)) return true;
  if (outageSystemCodes.has(systemCode(error))) return true;
  if (!(error instanceof MongoError)) return false;
  if (outageLabels.some((label) => error.hasErrorLabel(label))) return true;
  // The driver makes one of every failure of a bulk. Only one that the server has answered has a code.
  if (error instanceof MongoBulkWriteError && error.code === undefined) return true;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoServerError && outageCodes.has(Number(error.code))) return true;
  return outageNames.has(error.name);
}

function systemCode(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code);
}

const duplicateKey = 11_000;

/** Whether a unique index refused the write. The error does not say which: several may have been hit. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}
