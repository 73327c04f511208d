import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { atEnd } from '../../tests/support/at-end.ts';
import { proxyTo } from './orders-proxy.ts';

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function inFrontOf(serviceUrl: string) {
  return serve(express().use('/api/orders', proxyTo(serviceUrl)));
}

test('When a request is forwarded, then method, path, headers and body stay, and so does the response', async () => {
  const service = await serve((req, res) => {
    res.writeHead(201, {
      Location: '/api/orders/1',
      'X-Seen': `${req.method} ${req.url} ${req.headers['cookie']}`,
    });
    req.pipe(res);
  });
  const { url } = await inFrontOf(service.url);
  const answer = await fetch(`${url}/api/orders?limit=5`, {
    method: 'POST',
    headers: { cookie: 'express:sess=abc' },
    body: 'the body',
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe('/api/orders/1');
  expect(answer.headers.get('x-seen')).toBe('POST /api/orders?limit=5 express:sess=abc');
  expect(await answer.text()).toBe('the body');
});

test('When a client sends forwarded headers, then the service gets the real values', async () => {
  const service = await serve((req, res) => res.end(JSON.stringify(req.headers)));
  const { url } = await inFrontOf(service.url);
  const answer = await fetch(`${url}/api/orders`, {
    headers: { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'gopher' },
  });
  expect(await answer.json()).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': new URL(url).host,
  });
});

test('When the service does not respond, then the client gets a 502 with the usual error body', async () => {
  const gone = await serve((_req, res) => res.end());
  await new Promise((resolve) => gone.server.close(resolve));
  const { url } = await inFrontOf(gone.url);
  const answer = await fetch(`${url}/api/orders`);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toEqual({ errors: [{ message: 'The orders service does not answer' }] });
});
