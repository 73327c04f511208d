import { Agent, request } from 'node:http';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../support/at-end.ts';
import { findNginx, startNginx } from './nginx.ts';

/**
 * Starts a proxy as an ingress is one: it speaks HTTP/2 with its clients and HTTP/1.1 with the service, says from which
 * address the requests come, and reads no more of an answer than its client does. It is nginx where there is one, else
 * one of Node's parts. Resolves with its URL; it ends with the test file.
 */
export async function startHttp2Proxy(to: string): Promise<string> {
  const nginx = findNginx();
  if (nginx !== undefined) return startNginx(nginx, to);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((req, res) => {
    const headers = {
      'X-Forwarded-For': req.socket.remoteAddress,
      Authorization: req.headers.authorization ?? '',
    };
    const passedOn = request(`${to}${req.url}`, { agent, method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] });
      answer.pipe(res);
      // The service may end an answer that is not read.
      answer.on('error', () => res.stream?.destroy());
    });
    passedOn.on('error', () => res.stream?.destroy());
    res.on('close', () => passedOn.destroy());
    passedOn.end();
  });
  // Clients leave without a word.
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(async () => {
    agent.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
