/** What the driver knows of errors and keeps to itself. */
declare module 'mongodb/lib/error.js' {
  export const MONGODB_ERROR_CODES: Readonly<Record<string, number>>;
  export const GET_MORE_RESUMABLE_CODES: ReadonlySet<number>;
  export function isRetryableReadError(error: Error): boolean;
}

declare module 'mongodb/lib/cmap/errors.js' {
  export class WaitQueueTimeoutError extends Error {}
  export class PoolClosedError extends Error {}
  export class PoolClearedError extends Error {}
}
