import jwt from 'jsonwebtoken';
import type { Answer, ShownOrder } from '../history/history.ts';
import type { ServiceName } from '../nemesis/schedule.ts';

export type Request = Pick<Answer, 'kind' | 'userId' | 'ticketId' | 'orderId' | 'key' | 'requestId'> & {
  service: ServiceName;
};

export type Client = (request: Request) => Promise<Answer>;

const routes: Record<Request['kind'], { method: string; path: (orderId: string | undefined) => string }> = {
  place: { method: 'POST', path: () => '' },
  extend: { method: 'POST', path: (orderId) => `/${orderId}/extension` },
  cancel: { method: 'PATCH', path: (orderId) => `/${orderId}` },
  show: { method: 'GET', path: (orderId) => `/${orderId}` },
  list: { method: 'GET', path: () => '' },
};

/** Longer than any answer may take, so what is cut here was cut by a fault. */
const timeoutMs = 10_000;

/** A client that records every request with its outcome in `answers`. Never rejects. */
export function createClient(parts: {
  urls: Record<ServiceName, string>;
  jwtKey: string;
  answers: Answer[];
}): Client {
  return async (request) => {
    const sentAt = Date.now();
    const outcome = await exchange(parts, request);
    const answer: Answer = { ...request, sentAt, answeredAt: Date.now(), ...outcome };
    parts.answers.push(answer);
    return answer;
  };
}

async function exchange(
  { urls, jwtKey }: { urls: Record<ServiceName, string>; jwtKey: string },
  { service, kind, userId, ticketId, orderId, key, requestId }: Request,
): Promise<Pick<Answer, 'status' | 'shown'>> {
  const token = jwt.sign({ id: userId, email: `${userId}@example.com` }, jwtKey, { algorithm: 'HS256' });
  try {
    const { method, path } = routes[kind];
    const answer = await fetch(`${urls[service]}/api/orders${path(orderId)}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'X-Request-Id': requestId,
        ...(key !== undefined && { 'Idempotency-Key': key }),
        ...((kind === 'place' || kind === 'cancel') && { 'Content-Type': 'application/json' }),
      },
      ...(kind === 'place' && { body: JSON.stringify({ ticketId }) }),
      ...(kind === 'cancel' && { body: JSON.stringify({ status: 'cancelled' }) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = (await answer.json()) as ShownBody | ShownBody[];
    const order = Array.isArray(body) ? body.find(({ id }) => id === orderId) : body;
    return { status: answer.status, ...(answer.ok && order && { shown: shownOrder(order) }) };
  } catch {
    // Refused, reset, or too late: the request may have been carried out.
    return { status: 'cut' };
  }
}

/** Whether the request may have been carried out or not, so that it is worth asking again. */
export function isUnknown({ status }: Answer): boolean {
  return status === 'cut' || status >= 500;
}

type ShownBody = Omit<ShownOrder, 'expiresAt'> & { expiresAt: string };

function shownOrder({ id, userId, ticketId, status, version, expiresAt }: ShownBody): ShownOrder {
  return { id, userId, ticketId, status, version, expiresAt: Date.parse(expiresAt) };
}
