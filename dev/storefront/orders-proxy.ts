import { type IncomingHttpHeaders, request } from 'node:http';
import type { RequestHandler } from 'express';

/** Headers that are for one connection only (RFC 9110, section 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Forwards requests to the service as the ingress does, and its responses. 502 when the service does not respond. */
export function proxyTo(serviceUrl: string): RequestHandler {
  return (req, res) => {
    const forwarded = request(
      new URL(req.originalUrl, serviceUrl),
      {
        method: req.method,
        headers: {
          ...endToEnd(req.headers),
          // Replaced, not extended: a client's own values cannot be trusted.
          'x-forwarded-for': req.socket.remoteAddress ?? '',
          'x-forwarded-host': req.headers.host ?? '',
          'x-forwarded-proto': req.protocol,
        },
      },
      (response) => {
        res.writeHead(response.statusCode ?? 502, endToEnd(response.headers));
        response.pipe(res);
        response.on('error', () => res.destroy());
      },
    );
    forwarded.on('error', () => {
      if (res.headersSent) res.destroy();
      else res.status(502).json({ errors: [{ message: 'The orders service does not answer' }] });
    });
    res.on('close', () => forwarded.destroy());
    req.pipe(forwarded);
  };
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));
}
