import type { Request, RequestHandler, Response } from 'express';
import { withDeadline } from '../time/deadline.ts';

/** An answer as a value: handlers make it, one place sends it. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/**
 * A request is answered within this time, in milliseconds, whatever its operations are waiting for: well before a proxy
 * or a client gives up. Less than a server that stops waits for its requests.
 */
const answerWithinMs = 4_500;

/**
 * Sends what the handler makes of the request. When that takes too long the client gets a 503 instead, and nothing more
 * is begun for the request. Lines that are logged meanwhile, and the events that come of it, have the request's id.
 */
export function reply(handler: (req: Request, res: Response) => Promise<Reply>): RequestHandler {
  return async (req, res) => {
    const { status, headers, body } = await withDeadline(answerWithinMs, () => handler(req, res), {
      requestId: req.id,
    });
    res.status(status).set(headers ?? {});
    if (body === undefined) res.end();
    else res.json(body);
  };
}
