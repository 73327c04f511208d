import type { Request, RequestHandler, Response } from 'express';
import { withDeadline } from '../time/deadline.ts';

/** A response as a value: handlers make it, `reply` sends it. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/**
 * The deadline of a request, in milliseconds, whatever its operations wait for: well before a proxy or a client gives up.
 * Less than a server that stops waits for its requests.
 */
const answerWithinMs = 4_500;

/**
 * Sends the handler's reply. Past the deadline the client gets a 503 instead, and no further operation is started for the
 * request. Lines that are logged for it meanwhile, and the events that come of it, have the request's id.
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
