/** @typedef {{message: string, code?: string, field?: string, orderId?: string}} Problem */

/** A response that is not 2xx, or none at all (status 0). */
export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {Problem[]} problems
   * @param {number} [retryAfterSeconds]
   */
  constructor(status, problems, retryAfterSeconds) {
    super(problems.map(({ message }) => message).join(' ') || `The server answered ${status}`);
    this.status = status;
    this.problem = problems[0];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, headers?: Record<string, string>}} [options]
 * @returns {Promise<{body: any, link: string | null}>}
 * @throws {HttpError}
 */
export async function request(method, path, { body, headers = {} } = {}) {
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw new HttpError(0, [{ message: 'The box office cannot be reached. Is it still running?' }]);
  });
  const content = await response.json().catch(() => undefined);
  if (!response.ok) {
    const retryAfter = response.headers.get('Retry-After');
    throw new HttpError(response.status, content?.errors ?? [], retryAfter ? Number(retryAfter) : undefined);
  }
  return { body: content, link: response.headers.get('Link') };
}

const maxAttempts = 4;
const pauseMs = 1_000;

/**
 * Places an order. When the outcome of a request is unknown, it is sent again with the same key, so that one click never
 * places two orders.
 *
 * @param {string} ticketId
 */
export async function placeOrder(ticketId) {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('-');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (
        await request('POST', '/api/orders', { body: { ticketId }, headers: { 'Idempotency-Key': key } })
      ).body;
    } catch (error) {
      const unknownOutcome = error instanceof HttpError && [0, 502, 503, 504].includes(error.status);
      if (!unknownOutcome || attempt === maxAttempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
