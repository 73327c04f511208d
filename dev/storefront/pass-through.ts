import { type IncomingHttpHeaders, request } from 'node:http';
import type { RequestHandler } from 'express';

/** Headers of one connection; the other side has a connection of its own (RFC 9110, section 7.6.1). */
const ofConnection = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Passes a request on as the ingress does, whole and unread, and the answer back. 502 when nobody answers. */
export function passThrough(serviceUrl: string): RequestHandler {
  return (req, res) => {
    const onward = request(
      new URL(req.originalUrl, serviceUrl),
      {
        method: req.method,
        headers: {
          ...endToEnd(req.headers),
          // Replaced, not added to: what a client says of itself is not to be believed.
          'x-forwarded-for': req.socket.remoteAddress ?? '',
          'x-forwarded-host': req.headers.host ?? '',
          'x-forwarded-proto': req.protocol,
        },
      },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
        answer.pipe(res);
        answer.on('error', () => res.destroy());
      },
    );
    onward.on('error', () => {
      if (res.headersSent) res.destroy();
      else res.status(502).json({ errors: [{ message: 'The orders service does not answer' }] });
    });
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  };
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.includes(name)));
}
