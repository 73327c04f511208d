import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { newId, signedIn, storeTicket } from '../../../tests/support/buyer.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
} from '../../../tests/support/running-service.ts';
import { createApp } from './app.ts';
import type { RequestSeen } from './request-log.ts';
import { listen } from './server.ts';

interface Line {
  msg: string;
  requestId?: string;
  [field: string]: unknown;
}

const lines: Line[] = [];
const config = testConfig();
let url: string;

const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });

beforeAll(async () => {
  ({ url } = await startTestService(config, { log }));
});

async function linesOf(requestId: string): Promise<Line[]> {
  const found = () => lines.filter((line) => line.requestId === requestId);
  await eventually(() => found().length > 0);
  return found();
}

test('When a path is longer than any that is served, then the log has its beginning', async () => {
  const answer = await fetch(`${url}/api/${'x'.repeat(15_000)}`, { headers: { 'X-Request-Id': 'long-1' } });
  expect(answer.status).toBe(404);
  const [line] = await linesOf('long-1');
  expect(line?.['path']).toBe(`/api/${'x'.repeat(195)}`);
});

test('When a request is answered, then one line says who asked for what and how it went, without the query', async () => {
  const userId = newId();
  const headers = { ...signedIn(userId), 'X-Request-Id': 'show-1' };
  const path = `/api/orders/${newId()}`;
  const answer = await fetch(`${url}${path}?card=4242`, { headers });
  expect(answer.headers.get('x-request-id')).toBe('show-1');
  expect(await linesOf('show-1')).toEqual([
    {
      level: 30,
      time: expect.any(Number) as number,
      pid: process.pid,
      hostname: expect.any(String) as string,
      requestId: 'show-1',
      method: 'GET',
      path,
      route: '/api/orders/:orderId',
      userId,
      status: 400,
      milliseconds: expect.any(Number) as number,
      msg: 'request answered',
    },
  ]);
});

test('When nobody is signed in and there is no such route, then the line has neither user nor route', async () => {
  await fetch(`${url}/api/unknown`, { headers: { 'X-Request-Id': 'unknown-1' } });
  const [line, ...others] = await linesOf('unknown-1');
  expect(others).toEqual([]);
  expect(line).toMatchObject({ path: '/api/unknown', status: 404 });
  expect(line).not.toHaveProperty('userId');
  expect(line).not.toHaveProperty('route');
});

test('When a request causes an event, then the event has its id', async () => {
  const peer = await connectPeer(config);
  const ticketId = await storeTicket(await openDatabase(config));
  await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { ...signedIn(), 'Content-Type': 'application/json', 'X-Request-Id': 'buy-1' },
    body: JSON.stringify({ ticketId }),
  });
  await eventually(() => peer.seen.some(({ data }) => data['correlationId'] === 'buy-1'));
});

test('When a client goes away before it is answered, then its request is logged as aborted', async () => {
  const seen: RequestSeen[] = [];
  let arrived = false;
  const app = createApp({
    log,
    probes: () => undefined,
    onRequest: (request) => void seen.push(request),
    trustProxy: 0,
    session: (_req, _res, next) => next(),
    routes: (routes) => {
      routes.get('/slow/:id', () => {
        arrived = true;
      });
    },
  });
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  const client = new AbortController();
  const request = fetch(`http://127.0.0.1:${server.port}/slow/1`, {
    headers: { 'X-Request-Id': 'slow-1' },
    signal: client.signal,
  });
  await eventually(() => arrived);
  client.abort();
  await expect(request).rejects.toThrow('aborted');
  await eventually(() => seen.length === 1);
  expect(seen).toMatchObject([{ method: 'GET', route: '/slow/:id', status: 499 }]);
  expect(await linesOf('slow-1')).toMatchObject([{ status: 499, msg: 'request aborted by the client' }]);
});
