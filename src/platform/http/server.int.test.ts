import { once } from 'node:events';
import { connect } from 'node:net';
import express from 'express';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { exchange } from '../../../tests/support/raw-http.ts';
import { startTestService, testConfig } from '../../../tests/support/running-service.ts';
import { defaultTimeouts, listen } from './server.ts';

const impatient = { headersMs: 300, requestMs: 600, idleMs: 65_000, checkEveryMs: 50 };

async function serve() {
  const app = express();
  app.post('/', express.json(), (_req, res) => void res.json('read'));
  app.get('/', (_req, res) => void res.json('served'));
  const server = await listen(app, 0, { timeouts: impatient });
  atEnd(() => server.stop());
  return server.port;
}

/** A client that sends `head`, and then for ever one byte after the other. */
function dribble(port: number, head: string) {
  let answer = '';
  let closed = false;
  let drops: NodeJS.Timeout | undefined;
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(head);
    drops = setInterval(() => socket.write('x'), 20);
  });
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  // The server may be gone while a byte is on its way.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(drops);
    closed = true;
  });
  return { answer: () => answer, closed: () => closed };
}

test.each([
  ['headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  [
    'a body',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n"',
  ],
])(
  'When clients dribble the bytes of %s, then their connections end, and others are served',
  async (_, head) => {
    const port = await serve();
    const clients = Array.from({ length: 20 }, () => dribble(port, head));
    const other = await fetch(`http://127.0.0.1:${port}/`);
    expect(await other.json()).toBe('served');
    await eventually(() => clients.every(({ closed }) => closed()));
    // A byte that comes after the end resets the connection, which may overtake the answer.
    const answers = clients.map(({ answer }) => answer()).filter((answer) => answer !== '');
    expect(answers).not.toEqual([]);
    for (const answer of answers) {
      expect(answer).toContain('HTTP/1.1 408 Request Timeout');
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
        errors: [{ message: expect.any(String) as string, code: 'timeout' }],
      });
    }
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  },
);

test('When a head takes too long, then its connection ends, however long a whole request may take', async () => {
  const server = await listen(express(), 0, { timeouts: { ...impatient, requestMs: 600_000 } });
  atEnd(() => server.stop());
  const answer = await exchange(server.port, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '));
  expect(answer).toContain('HTTP/1.1 408 ');
  expect(defaultTimeouts.headersMs).toBeLessThan(defaultTimeouts.requestMs);
});

test.each([
  ['CONNECT', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', 404],
  ['something that is not HTTP', 'hello\r\n\r\n', 400],
])(
  'When a client asks for %s, sends on and never closes, then its connection ends and the server can stop',
  async (_, head, status) => {
    const server = await listen(express(), 0, {
      timeouts: { ...impatient, headersMs: 60_000, requestMs: 60_000 },
    });
    atEnd(() => server.stop());
    let answer = '';
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(head);
    });
    atEnd(async () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (answer === '') socket.write('and on');
      answer += chunk.toString();
    });
    await eventually(() => answer.includes(`HTTP/1.1 ${status} `));
    let stopped = false;
    const stopping = server.stop().then(() => {
      stopped = true;
    });
    await eventually(() => stopped);
    await stopping;
  },
);

test('When a client resets the connection after its CONNECT, then the process goes on', async () => {
  const port = await serve();
  for (const moment of ['data', 'connect'] as const) {
    const socket = connect(port, '127.0.0.1', () => socket.write('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.on('error', () => undefined);
    socket.once(moment, () => setImmediate(() => socket.resetAndDestroy()));
    await once(socket, 'close');
  }
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
});

test('When garbage follows a request that is worked on, then it is not answered in the place of that request', async () => {
  const app = express();
  let asked = false;
  app.get('/', () => {
    asked = true;
  });
  const server = await listen(app, 0, { timeouts: impatient });
  atEnd(() => server.stop());
  const answer = await exchange(server.port, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n'));
  expect([asked, answer]).toEqual([true, '']);
});

const answerTo = async (target: string) =>
  exchange(await serve(), Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));

test.each(['http://[', `http://${'a'.repeat(300)}:x`, 'x', 'javascript:alert(1)'])(
  'When the target of a request is %s, then 400 in the error shape',
  async (target) => {
    const answer = await answerTo(target);
    expect(answer).toContain('HTTP/1.1 400 ');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
      errors: [{ message: expect.any(String) as string, code: 'malformed' }],
    });
  },
);

test.each(['http://elsewhere/', 'https://elsewhere', `http://${'a'.repeat(300)}`])(
  'When the target of a request is the URL %s, then its path counts',
  async (target) => {
    expect(await answerTo(target)).toContain('"served"');
  },
);

test('When the end is announced, then answers, also to what is under way, are the last of their connections', async () => {
  let answer: (() => void) | undefined;
  const app = express();
  app.get('/slow', (_req, res) => {
    answer = () => void res.json('slow');
  });
  app.get('/', (_req, res) => void res.json('served'));
  const server = await listen(app, 0, { timeouts: impatient });
  atEnd(() => server.stop());
  const url = `http://127.0.0.1:${server.port}`;
  expect((await fetch(url)).headers.get('connection')).toBe('keep-alive');

  const slowRequest = fetch(`${url}/slow`);
  await eventually(() => answer !== undefined);
  server.startDraining();
  answer?.();
  expect((await slowRequest).headers.get('connection')).toBe('close');
  expect(await (await slowRequest).json()).toBe('slow');
  const later = await fetch(url);
  expect([later.status, later.headers.get('connection')]).toEqual([200, 'close']);
});

test('When an ingress keeps its connections for 60 s, then the service keeps them longer', async () => {
  const { url } = await startTestService(testConfig());
  const { headers } = await fetch(`${url}/api/orders`);
  expect(Number(/^timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
});

test('When a load balancer keeps its connections for longer, then the service can be told to keep them longer still', async () => {
  const { url } = await startTestService(testConfig({ keepAliveMs: 620_000 }));
  const { headers } = await fetch(`${url}/api/orders`);
  expect(headers.get('keep-alive')).toBe('timeout=620');
});

test.each([
  ['has sent nothing', ''],
  ['has sent half a request', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{'],
])('When a client %s, then it does not keep the service from ending', async (_, bytes) => {
  const app = express();
  app.use(express.json());
  const server = await listen(app, 0);
  const client = connect(server.port, '127.0.0.1');
  atEnd(async () => client.destroy());
  // The server ends it without ceremony.
  client.on('error', () => undefined);
  await once(client, 'connect');
  client.write(bytes);

  await server.stop(AbortSignal.timeout(200));
  await eventually(() => client.destroyed || client.readableEnded);
});

test('When the port is in use, then nothing of the server is left behind', async () => {
  const port = await serve();
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  await expect(listen(express(), port)).rejects.toThrow('EADDRINUSE');
  expect(timers()).toBeLessThanOrEqual(before);
});
