import type { Request, RequestHandler } from 'express';
import { unavailable } from './errors.ts';

/** An answer as a value: handlers make it, one place sends it. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A request is answered within this time, in milliseconds, whatever its operations are waiting for. */
const answerWithinMs = 4_500;

/**
 * Sends what the handler makes of the request. When that takes too long the client gets a 503 instead; what the
 * handler still does then is not answered any more.
 */
export function reply(handler: (req: Request) => Promise<Reply>): RequestHandler {
  return async (req, res) => {
    const { status, headers, body } = await withinTime(handler(req));
    res.status(status).set(headers ?? {});
    if (body === undefined) res.end();
    else res.json(body);
  };
}

async function withinTime(answer: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), answerWithinMs);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
