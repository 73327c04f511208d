/** @typedef {{message: string, code?: string, field?: string, orderId?: string}} Problem */

/** An answer that is not 2xx, or none at all (status 0). */
export class Refused extends Error {
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
 * @throws {Refused}
 */
export async function ask(method, path, { body, headers = {} } = {}) {
  const answer = await fetch(path, {
    method,
    cache: 'no-store',
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw new Refused(0, [{ message: 'The box office cannot be reached. Is it still running?' }]);
  });
  const content = await answer.json().catch(() => undefined);
  if (!answer.ok) {
    const retryAfter = answer.headers.get('Retry-After');
    throw new Refused(answer.status, content?.errors ?? [], retryAfter ? Number(retryAfter) : undefined);
  }
  return { body: content, link: answer.headers.get('Link') };
}

const attempts = 4;
const pauseMs = 1_000;

/**
 * Places an order. When it is not known what became of a request, it is sent again with the same key, so that one
 * click never becomes two orders.
 *
 * @param {string} ticketId
 */
export async function placeOrder(ticketId) {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('-');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await ask('POST', '/api/orders', { body: { ticketId }, headers: { 'Idempotency-Key': key } }))
        .body;
    } catch (error) {
      const unknownOutcome = error instanceof Refused && [0, 502, 503, 504].includes(error.status);
      if (!unknownOutcome || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
