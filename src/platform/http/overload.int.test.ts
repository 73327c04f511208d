import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import express, { type Response } from 'express';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { readAnswer } from '../../../tests/support/raw-http.ts';
import { listen } from './server.ts';

/** A server that takes two requests at once, and whose answers wait until they are let go. */
async function serveTwo(limits: { maxConnections?: number; isBusy?: () => boolean } = {}) {
  const app = express();
  const waiting: Response[] = [];
  const seen = { overloaded: 0, dropped: 0, bodies: 0 };
  app.post('/', express.json(), (req, res) => {
    seen.bodies += Object.keys(req.body as object).length;
    waiting.push(res);
  });
  app.get('/', (_req, res) => void waiting.push(res));
  app.get('/healthz', (_req, res) => void res.json('ok'));
  const server = await listen(app, 0, {
    limits: {
      maxRequestsInFlight: 2,
      maxConnections: 100,
      exemptPaths: ['/healthz'],
      isBusy: () => false,
      onOverloaded: () => seen.overloaded++,
      onConnectionDropped: () => seen.dropped++,
      ...limits,
    },
  });
  atEnd(() => server.stop());
  const release = () => {
    for (const res of waiting.splice(0)) res.json('served');
  };
  atEnd(async () => release());
  return { server, url: `http://127.0.0.1:${server.port}`, waiting, seen, release };
}

type TwoAtOnce = Awaited<ReturnType<typeof serveTwo>>;

/** Has both of its requests in flight. */
async function full(): Promise<TwoAtOnce & { answers: Promise<globalThis.Response>[] }> {
  const served = await serveTwo();
  const answers = [fetch(served.url), fetch(served.url)];
  await eventually(() => served.waiting.length === 2);
  return { ...served, answers };
}

/** A connection of its own, and all that has come over it. */
async function open(port: number): Promise<{ socket: Socket; received: () => string }> {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  atEnd(async () => socket.destroy());
  // A server that drops the connection may reset it.
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (text += chunk.toString()));
  await once(socket, 'connect');
  return { socket, received: () => text };
}

const post = (length: number, more = '') =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}Content-Length: ${length}\r\n\r\n`;

test('When as many requests are in flight as are taken, then the next is told to come back, and those are served', async () => {
  const { url, answers, release, seen } = await full();
  const refused = await fetch(url, { headers: { 'X-Request-Id': 'mine' } });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toEqual({
    errors: [{ message: expect.any(String) as string, code: 'overloaded' }],
  });
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': 'mine',
    connection: 'keep-alive',
  });
  expect(seen.overloaded).toBe(1);
  release();
  for (const answer of answers) expect(await (await answer).json()).toBe('served');
});

test('When many are refused, then they are told to come back at different times', async () => {
  const { url } = await full();
  const refused = await Promise.all(Array.from({ length: 60 }, () => fetch(url)));
  const times = refused.map(({ headers }) => Number(headers.get('retry-after')));
  expect(times.every((seconds) => Number.isInteger(seconds) && seconds >= 2 && seconds <= 10)).toBe(true);
  expect(new Set(times).size).toBeGreaterThan(3);
});

test('When a path is exempt, then it is answered in any case', async () => {
  const { url } = await full();
  for (const path of ['/healthz', '/healthz?verbose'])
    expect((await fetch(`${url}${path}`)).status).toBe(200);
  expect((await fetch(`${url}/healthz/more`)).status).toBe(503);
});

test('When requests are answered, or their clients go away, then there is room for others', async () => {
  const { url, server, waiting, answers, release } = await full();
  release();
  await Promise.all(answers);
  await eventually(() => server.requestsInFlight() === 0);

  const impatient = new AbortController();
  const given = [1, 2].map(() => fetch(url, { signal: impatient.signal }).catch(() => undefined));
  await eventually(() => waiting.length === 2);
  expect(server.requestsInFlight()).toBe(2);
  impatient.abort();
  await Promise.all(given);
  await eventually(() => server.requestsInFlight() === 0);
});

test('When a client sends one request after the other and leaves before it is answered, then none of them counts any more', async () => {
  const { server, waiting } = await serveTwo();
  const { socket } = await open(server.port);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2));
  await eventually(() => waiting.length === 1);
  expect(server.requestsInFlight()).toBe(1);
  socket.destroy();
  await eventually(() => server.requestsInFlight() === 0);
  expect(server.connections()).toBe(0);
});

test('When a request is refused before its body has come, then the body is not taken for the next request', async () => {
  const { server, release, seen } = await full();
  const { socket, received } = await open(server.port);
  const body = JSON.stringify({ smuggled: 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200) });
  socket.write(post(body.length));
  await eventually(() => received().includes('overloaded'));
  release();
  await eventually(() => server.requestsInFlight() === 0);
  socket.write(`${body}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
  await eventually(() => received().includes('"ok"'));
  expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200']);
  expect(seen.bodies).toBe(0);
});

describe('When a client waits to be told before it sends its body', () => {
  const expecting = post(2, 'Expect: 100-continue\r\n');

  test('then it is refused without that, and its connection ends', async () => {
    const { server } = await full();
    const { socket, received } = await open(server.port);
    socket.write(expecting);
    await eventually(() => socket.readableEnded || socket.destroyed);
    expect(readAnswer(received())).toMatchObject({ status: 503 });
    expect(received()).not.toContain('100 Continue');
    expect(readAnswer(received())?.headers.get('connection')).toBe('close');
  });

  test('then it is told where there is room', async () => {
    const { server, release, waiting } = await serveTwo();
    const { socket, received } = await open(server.port);
    socket.write(expecting);
    await eventually(() => received().includes('100 Continue'));
    socket.write('{}');
    await eventually(() => waiting.length === 1);
    release();
    await eventually(() => received().includes('"served"'));
  });
});

test('When what requests need has no room, then they are refused, however few they are', async () => {
  let busy = true;
  const { url, waiting, release } = await serveTwo({ isBusy: () => busy });
  expect((await fetch(url)).status).toBe(503);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  busy = false;
  const answer = fetch(url);
  await eventually(() => waiting.length === 1);
  release();
  expect((await answer).status).toBe(200);
});

test('When the server drains, then a refusal is the last of its connection, too', async () => {
  const { url, server } = await full();
  server.startDraining();
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
});

test('When as many connections are open as are taken, then the next is closed at once and counted', async () => {
  const { server, seen } = await serveTwo({ maxConnections: 2 });
  const first = await open(server.port);
  await open(server.port);
  await eventually(() => server.connections() === 2);
  const dropped = await open(server.port);
  await eventually(() => dropped.socket.destroyed || dropped.socket.readableEnded);
  expect(seen.dropped).toBe(1);
  first.socket.destroy();
  await eventually(() => server.connections() === 1);
  const { socket, received } = await open(server.port);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(() => received().includes('"ok"'));
});

test('When a refused client asks again at once, then its connection is left unread for a while, and read then', async () => {
  const { server, waiting, release } = await full();
  const { socket, received } = await open(server.port);
  socket.write(`${post(2)}{}`);
  await eventually(() => received().includes('overloaded'));
  release();
  socket.write(`${post(2, 'X-Again: yes\r\n')}{}`);
  // Somebody else is served meanwhile, so this one would be, too, if it were read.
  const other = fetch(`http://127.0.0.1:${server.port}`);
  await eventually(() => waiting.length > 0);
  expect(waiting.map(({ req }) => req.headers['x-again'])).toEqual([undefined]);
  await eventually(() => waiting.length === 2, { withinMs: 10_000 });
  release();
  expect((await other).status).toBe(200);
  await eventually(() => received().includes('served'));
});
