import { METHODS } from 'node:http';
import fc from 'fast-check';
import { newId } from './buyer.ts';
import { type Body, bodies, headerLines, queries, segments, sessions, tokens } from './random-http.ts';

/** What a request may name that exists, so that not everything ends at the door. */
export interface Existing {
  userId: string;
  orderIds: readonly string[];
  ticketIds: readonly string[];
}

export interface HostileRequest {
  method: string;
  path: string;
  /** As it goes over the wire; the server closes the connection after its answer. */
  bytes: Buffer;
}

/** Requests of any method, path, query, headers, cookie and body, framed as HTTP demands. */
export function hostileRequests(existing: Existing): fc.Arbitrary<HostileRequest> {
  const ids = fc.constantFrom(...existing.orderIds, ...existing.ticketIds, newId());
  const parts = fc.record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'PATCH', 'DELETE', 'HEAD') },
      fc.constantFrom(...METHODS),
      tokens,
    ),
    path: fc.oneof(
      { weight: 3, arbitrary: fc.constant('/api/orders') },
      { weight: 3, arbitrary: ids.map((id) => `/api/orders/${id}`) },
      { weight: 2, arbitrary: ids.map((id) => `/api/orders/${id}/extension`) },
      segments.map((segment) => `/api/orders/${segment}`),
      segments.map((segment) => `/api/orders/${segment}/extension`),
      fc.array(segments, { maxLength: 6 }).map((all) => `/${all.join('/')}`),
      fc.constantFrom('/healthz', '/readyz', '/api/orders/', '/API/Orders', '*', 'http://x/api/orders', '//'),
    ),
    query: queries,
    host: fc.oneof({ weight: 20, arbitrary: fc.constant(['Host: x']) }, fc.constant([])),
    lines: fc.array(headerLines, { maxLength: 6 }),
    session: sessions(existing.userId),
    body: bodies(existing.ticketIds),
    framing: fc.constantFrom(withLength, withLength, inChunks),
  });
  return parts.map(({ method, path, query, host, lines, session, body, framing }) => {
    const framed = body.bytes.length > 0 ? framing(body) : body;
    const start = `${method} ${path}${query} HTTP/1.1`;
    const head = [start, ...host, 'Connection: close', ...lines, ...session, ...framed.lines, '', ''];
    return { method, path, bytes: Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), framed.bytes]) };
  });
}

function withLength({ lines, bytes }: Body): Body {
  return { lines: [...lines, `Content-Length: ${bytes.length}`], bytes };
}

function inChunks({ lines, bytes }: Body): Body {
  const length = Buffer.from(`${bytes.length.toString(16)}\r\n`);
  const chunks = Buffer.concat([length, bytes, Buffer.from('\r\n0\r\n\r\n')]);
  return { lines: [...lines, 'Transfer-Encoding: chunked'], bytes: chunks };
}
