import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { newId, sessionCookie } from './buyer.ts';
import { jwtKey } from './running-service.ts';

/** The parts of random requests, more often than not close to honest ones. */

/** Methods and names of headers. */
export const tokens = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);

/** Any bytes that may stand in the value of a header. */
const values = fc
  .uint8Array({ maxLength: 60 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte >= 32 && byte !== 127)).toString('latin1'));

export const segments = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[!-"$->@-~]{0,30}$/) },
  fc.constantFrom('%', '%ff', '%00', '%2e%2e', '..', '__proto__', '%7B%22$gt%22:1%7D', 'a'.repeat(9_000)),
);

export const queries = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc
    .array(
      fc.tuple(
        fc.constantFrom('status', 'limit', 'cursor', 'status[$ne]', '__proto__[x]', 'x'),
        fc.oneof(fc.constantFrom('paid', '5', '', '$gt'), fc.string({ unit: 'binary', maxLength: 20 })),
      ),
      { maxLength: 4 },
    )
    .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`),
  segments.map((text) => `?${text}`),
);

const meaningful =
  'Accept Accept-Encoding Authorization Content-Encoding Content-Type Cookie Expect Forwarded Idempotency-Key ' +
  'If-None-Match Origin Range Sec-WebSocket-Key TE Upgrade X-Forwarded-For X-HTTP-Method-Override X-Request-Id ' +
  '__proto__ constructor';

/** The framing of the request is not random here, or the server would rightly wait for more. */
const otherNames = tokens.filter((name) => !/^(connection|content-length|transfer-encoding)$/i.test(name));

export const headerLines = fc.oneof(
  { weight: 4, arbitrary: line(fc.constantFrom(...meaningful.split(' '))) },
  { weight: 4, arbitrary: line(otherNames) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('Expect: 100-continue', 'Upgrade: websocket', 'Accept: text/html'),
  },
  fc.nat(20_000).map((length) => `X-Long: ${'x'.repeat(length)}`),
);

function line(names: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(names, values).map(([name, value]) => `${name}: ${value}`);
}

/** Header lines with a good session of the user, a bad one or none. */
export function sessions(userId: string): fc.Arbitrary<readonly string[]> {
  const signed = (payload: unknown) => jwt.sign(JSON.stringify(payload), jwtKey);
  const good = signed({ id: userId });
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant([`Authorization: Bearer ${good}`]) },
    { weight: 5, arbitrary: fc.constant([`Cookie: ${sessionCookie(good)}`]) },
    fc.constant([]),
    values.map((value) => [`Cookie: express:sess=${value}`]),
    values.map((value) => [`Authorization: Bearer ${value}`]),
    fc.json().map((json) => [`Cookie: express:sess=${Buffer.from(json).toString('base64')}`]),
    fc.jsonValue().map((payload) => [`Cookie: ${sessionCookie(signed(payload))}`]),
    fc.jsonValue({ maxDepth: 1 }).map((id) => [`Authorization: Bearer ${signed({ id })}`]),
  );
}

export interface Body {
  /** The headers that describe it, rightly or not. */
  lines: readonly string[];
  bytes: Buffer;
}

/** Bodies as the service takes them, for one of the tickets or another, and all kinds of others. */
export function bodies(ticketIds: readonly string[]): fc.Arbitrary<Body> {
  const honest = [...ticketIds, newId()].map((ticketId) => ({ ticketId }));
  const fields = fc.dictionary(
    fc.oneof(fc.constantFrom('ticketId', 'status', '$gt', '__proto__', 'constructor'), fc.string()),
    fc.jsonValue(),
  );
  const texts = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...honest).map((body) => JSON.stringify(body)) },
    { weight: 2, arbitrary: fc.constantFrom('{"status":"cancelled"}', '{}') },
    fields.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('{', 'null', '[]', '"', `${'['.repeat(16_000)}${']'.repeat(16_000)}`, 'x'.repeat(40_000)),
  );
  const contents = texts.map((text) => Buffer.from(text));
  const typed = ['Content-Type: application/json'];
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<Body>({ lines: [], bytes: Buffer.of() }) },
    { weight: 5, arbitrary: contents.map((bytes) => ({ lines: typed, bytes })) },
    contents.map((bytes) => ({ lines: [...typed, 'Content-Encoding: gzip'], bytes: gzipSync(bytes) })),
    contents.map((bytes) => ({
      lines: [...typed, 'Content-Encoding: br'],
      bytes: brotliCompressSync(bytes),
    })),
    fc
      .tuple(fc.constantFrom('gzip', 'br', 'deflate', 'lzma', 'gzip, gzip'), contents)
      .map(([encoding, bytes]) => ({ lines: [...typed, `Content-Encoding: ${encoding}`], bytes })),
    fc.tuple(values, contents).map(([type, bytes]) => ({ lines: [`Content-Type: ${type}`], bytes })),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ lines: typed, bytes: Buffer.from(bytes) })),
  );
}
