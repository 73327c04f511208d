import type { Request, RequestHandler, Response } from 'express';
import { withDeadline } from '../time/deadline.ts';

/** A response as a value: handlers make it, `reply` sends it. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/**
 * The deadline of a request with all its operations, in milliseconds: well before the time-out of a proxy or a client.
 * Less than a server that stops waits for its requests.
 */
export const answerWithinMs = 4_500;

/**
 * Sends the handler's reply. Past the deadline the client gets a 503 instead, and no operation is started any more for the
 * request. Log lines and events of the request have its id.
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
