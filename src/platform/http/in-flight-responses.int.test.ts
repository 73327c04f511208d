import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import express, { type Response } from 'express';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { maxUnansweredRequests } from './in-flight-responses.ts';
import { listen } from './server.ts';

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** More than the buffers of both systems' sockets hold. */
const large = Buffer.alloc(2 ** 24);

/** Answers to `/waits/…` come when they are let go. */
async function serve(timeouts: NonNullable<Parameters<typeof listen>[2]>['timeouts'] = {}) {
  const app = express();
  const waiting: { path: string; res: Response }[] = [];
  app.get('/waits/:name', ({ path }, res) => void waiting.push({ path, res }));
  app.get('/large', (_req, res) => void res.send(large));
  app.get('/endless', (_req, res) => {
    const drops = setInterval(() => res.write('x'), 10);
    res.on('close', () => clearInterval(drops));
  });
  app.get('/', (_req, res) => void res.send('served'));
  const server = await listen(app, 0, { timeouts: { checkEveryMs: 20, ...timeouts } });
  atEnd(() => server.stop());
  atEnd(async () => {
    for (const { res } of waiting) res.destroy();
  });
  return { server, waiting };
}

async function open(port: number): Promise<{ socket: Socket; received: () => string }> {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  atEnd(async () => socket.destroy());
  // The server may reset the connection.
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  await once(socket, 'connect');
  return { socket, received: () => text };
}

test('When a client sends further requests before the answer to the first, then they are served one after the other', async () => {
  const { server, waiting } = await serve();
  const { socket, received } = await open(server.port);
  const names = Array.from({ length: maxUnansweredRequests }, (_, i) => `/waits/${i}`);
  socket.write(names.map(get).join(''));
  for (const name of names) {
    await eventually(() => waiting.length === 1);
    expect(server.requestsInFlight()).toBe(1);
    const { path, res } = waiting.pop() ?? {};
    expect(path).toBe(name);
    res?.send(`answer to ${name}`);
  }
  await eventually(() => received().includes(`answer to ${names.at(-1)}`));
  expect(received().match(/answer to \S+?(?=HTTP|$)/g)).toEqual(names.map((name) => `answer to ${name}`));
  await eventually(() => server.requestsInFlight() === 0);
});

test('When a client sends more requests than it may be owed answers to, then its connection ends and one is worked on', async () => {
  const { server, waiting } = await serve();
  const { socket } = await open(server.port);
  socket.write(get('/waits/x').repeat(maxUnansweredRequests + 1));
  await once(socket, 'close');
  expect(waiting.length).toBe(1);
  await eventually(() => server.requestsInFlight() === 0 && server.connections() === 0);
});

test('When more bytes are sent behind a request that waits than are kept, then the connection ends', async () => {
  const { server, waiting } = await serve();
  const { socket } = await open(server.port);
  socket.write(get('/waits/x'));
  await eventually(() => waiting.length === 1);
  // Each is less than Node keeps of a body before it stops to read, so that all of them are read.
  const body = 'x'.repeat(15_000);
  const large = `POST / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(12_000)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  // Fewer than may be unanswered.
  socket.write(large.repeat(maxUnansweredRequests - 2));
  await eventually(() => socket.closed);
  await eventually(() => server.connections() === 0);
});

test('When CONNECT follows a request that is worked on, then it is not answered in the place of that request', async () => {
  const { server, waiting } = await serve();
  const { socket, received } = await open(server.port);
  socket.write(`${get('/waits/x')}CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, 'close');
  expect([waiting.length, received()]).toEqual([1, '']);
});

test('When a client does not read its answer, then its connection ends, and one that waits between two requests stays', async () => {
  const { server } = await serve({ stalledMs: 100 });
  const between = await open(server.port);
  between.socket.write(get('/'));
  await eventually(() => between.received().includes('served'));

  const unread = await open(server.port);
  unread.socket.pause();
  unread.socket.write(get('/large'));
  await eventually(() => server.connections() === 2);
  await eventually(() => server.connections() === 1);
  expect(server.requestsInFlight()).toBe(0);

  between.socket.write(get('/'));
  await eventually(() => between.received().match(/served/g)?.length === 2);
});

test('When a client reads its answer a little at a time, then its connection ends when the time for an answer is over', async () => {
  const { server } = await serve({ answerMs: 300 });
  const slow = await open(server.port);
  slow.socket.write(get('/endless'));
  await eventually(() => slow.received().includes('x'));
  await once(slow.socket, 'close');
  await eventually(() => server.requestsInFlight() === 0);
});
