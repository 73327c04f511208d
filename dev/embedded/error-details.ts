/**
 * The code of a system error, such as `ENOENT`. It does not use `instanceof Error`, which is false in jest for the errors
 * of Node's own modules: each test file has an `Error` class of its own.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of an error, whatever was thrown. */
export function errorMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}
