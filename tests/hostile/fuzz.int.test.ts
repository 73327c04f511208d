import fc from 'fast-check';
import pino from 'pino';
import { newId, signedIn, storeTicket } from '../support/buyer.ts';
import { type Existing, type HostileRequest, hostileRequests } from '../support/hostile-requests.ts';
import { exchange, type RawAnswer, readAnswer } from '../support/raw-http.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';

/**
 * Random requests against a running service. A failure prints its seed and path; the same again, or for longer:
 *
 *   FUZZ_SEED=<seed> npx jest hostile/fuzz
 *   FUZZ_RUNS=20000 npx jest hostile/fuzz
 *
 * Without FUZZ_RUNS there are 400 of each kind, which takes a few seconds.
 */
const runs = Number(process.env['FUZZ_RUNS'] ?? 400);
const seed = process.env['FUZZ_SEED'];
const timeLimitMs = 30_000 + runs * 50;
const parameters = {
  numRuns: runs,
  ...(seed !== undefined && { seed: Number(seed) }),
  // Ends the search for a smaller example before jest ends the test, which would lose the seed.
  interruptAfterTimeLimit: timeLimitMs - 5_000,
};

let port: number;
let existing: Existing;
let foreignOrderId: string;
const failures: string[] = [];

beforeAll(async () => {
  const config = testConfig({ orderExtensionMs: 1_800_000, orderCooldownMs: 600_000 });
  const database = await openDatabase(config);
  // Other test files' messages come to this service, too: only what is said of a request counts.
  const write = (line: string) => void (line.includes('"req":') && failures.push(line));
  const log = pino({ level: 'error' }, { write });
  const { url } = await startTestService(config, { log });
  port = Number(new URL(url).port);
  const place = async (userId: string) => {
    const headers = { ...signedIn(userId), 'Content-Type': 'application/json' };
    const body = JSON.stringify({ ticketId: await storeTicket(database) });
    const answer = await fetch(`${url}/api/orders`, { method: 'POST', headers, body });
    return ((await answer.json()) as { id: string }).id;
  };
  const userId = newId();
  const tickets = Array.from({ length: 10 }, () => storeTicket(database));
  foreignOrderId = await place(newId());
  const orderIds = [await place(userId), await place(userId), foreignOrderId];
  existing = { userId, orderIds, ticketIds: await Promise.all(tickets) };
});

const read = [200, 400, 401];
const one = [400, 401, 403, 404];
const write = [409, 413, 415];

/** The statuses of each route as README.md and the contract have them; every other path is unknown. */
const documented: [method: RegExp, path: RegExp, statuses: number[]][] = [
  [/^POST$/, /^\/api\/orders\/?$/i, [201, 400, 401, 404, 422, ...write]],
  [/^(GET|HEAD)$/, /^\/api\/orders\/?$/i, read],
  [/^(GET|HEAD)$/, /^\/api\/orders\/[^/]+\/?$/i, [200, ...one]],
  [/^PATCH$/, /^\/api\/orders\/[^/]+\/?$/i, [200, ...one, ...write]],
  [/^DELETE$/, /^\/api\/orders\/[^/]+\/?$/i, [204, ...one, 409]],
  [/^POST$/, /^\/api\/orders\/[^/]+\/extension\/?$/i, [200, ...one, ...write]],
  [/^(GET|HEAD)$/, /^\/(healthz|readyz)\/?$/i, [200]],
  [/^OPTIONS$/, /^\/(api\/orders(\/[^/]+(\/extension)?)?|healthz|readyz)\/?$/i, [204]],
  // After those that each has.
  [/^(?!CONNECT$)/, /^\/(api\/orders(\/[^/]+(\/extension)?)?|healthz|readyz)\/?$/i, [405]],
];

/** What any request may get: it is not HTTP, is malformed or has too long a head. */
const anywhere = [400, 431];

/** What a POST may get that says where it comes from, before its path is looked at. */
const fromElsewhere = { head: /^(Origin|Sec-Fetch-Site):/im, statuses: [403] };

function statusesFor({ method, path, bytes }: HostileRequest): number[] {
  const pathOnly = path.replace(/^http:\/\/x/, '').replace(/\?.*$/s, '');
  const route = documented.find(([verb, pattern]) => verb.test(method) && pattern.test(pathOnly));
  const isFromElsewhere = method === 'POST' && fromElsewhere.head.test(bytes.toString('latin1'));
  return [...(route?.[2] ?? [404]), ...anywhere, ...(isFromElsewhere ? fromElsewhere.statuses : [])];
}

function expectErrorShape({ headers, body }: RawAnswer): void {
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  const { errors, ...others } = JSON.parse(Buffer.from(body, 'latin1').toString()) as Record<string, unknown>;
  expect(others).toEqual({});
  expect(errors).not.toEqual([]);
  for (const error of errors as Record<string, unknown>[]) {
    expect(typeof error['message']).toBe('string');
    expect(typeof error['code']).toBe('string');
    expect(['string', 'undefined']).toContain(typeof error['field']);
  }
  expect(body).not.toMatch(/\\n +at |node_modules|\.ts:\d/);
}

test(
  'When a request has any method, path, query, headers, cookie and body, then the status is a documented one',
  async () => {
    await fc.assert(
      fc.asyncProperty(hostileRequests(existing), async (request) => {
        const answer = readAnswer(await exchange(port, request.bytes));
        if (!answer) throw new Error('no answer');
        expect(statusesFor(request)).toContain(answer.status);
        expect(answer.headers.has('set-cookie') || answer.headers.has('x-powered-by')).toBe(false);
        if (answer.status >= 400 && request.method !== 'HEAD') expectErrorShape(answer);
      }),
      parameters,
    );
    expect(await stillServes()).toBe(true);
  },
  timeLimitMs,
);

/** Anything at all, and honest requests with a few bytes changed, left out or added. */
function garbage(): fc.Arbitrary<Buffer> {
  const damages = fc.array(
    fc.record({ at: fc.nat(2_000), drop: fc.nat(3), add: fc.uint8Array({ maxLength: 4 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  return fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(hostileRequests(existing), damages).map(([{ bytes }, all]) =>
      all.reduce((damaged, { at, drop, add }) => {
        const place = at % (damaged.length + 1);
        return Buffer.concat([damaged.subarray(0, place), add, damaged.subarray(place + drop)]);
      }, bytes),
    ),
  );
}

test(
  'When a connection brings bytes that are not HTTP, or not quite, then the service never fails and goes on serving',
  async () => {
    await fc.assert(
      fc.asyncProperty(garbage(), async (bytes) => {
        const text = await exchange(port, bytes, 'hang up');
        expect(text).not.toMatch(/^HTTP\/1\.1 5/m);
        // A client that hangs up may miss the answer, but nothing else comes in its place.
        if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
        const answer = readAnswer(text);
        // After the head of an answer to HEAD may come the next answer.
        const hasBody = answer && answer.body !== '' && !answer.body.startsWith('HTTP/1.1 ');
        if (hasBody && answer.status >= 400) expectErrorShape(answer);
      }),
      parameters,
    );
    expect(await stillServes()).toBe(true);
  },
  timeLimitMs,
);

async function stillServes(): Promise<boolean> {
  expect(failures).toEqual([]);
  const answers = await Promise.all(
    ['/healthz', '/readyz', `/api/orders/${foreignOrderId}`].map((path) =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: signedIn(existing.userId) }),
    ),
  );
  return answers.map(({ status }) => status).join() === '200,200,403';
}
