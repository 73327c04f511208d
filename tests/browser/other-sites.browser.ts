import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import pino from 'pino';
import { proxyTo } from '../../dev/storefront/orders-proxy.ts';
import { createApp } from '../../src/platform/http/app.ts';
import { listen } from '../../src/platform/http/server.ts';
import { readSession } from '../../src/platform/http/session.ts';
import { atEnd } from '../support/at-end.ts';
import { launchChromium } from './chromium.ts';

/** A page with a form that sends what the address says, and a purchase that takes anything. */
function routes(app: Express): void {
  app.get('/form', ({ query }, res) => {
    const [to, type] = [String(query['to']), String(query['type'])];
    // The service's own headers allow no form that is sent elsewhere, and make a browser send `Origin: null`.
    for (const header of ['Content-Security-Policy', 'Referrer-Policy']) res.removeHeader(header);
    res.send(
      `<form method="post" action="${to}" enctype="${type}"><button name="a" value="b">Send</button></form>`,
    );
  });
  app.post('/api/orders', (_req, res) => void res.status(201).end());
}

/** Serves both under every name. Resolves with the port. */
async function serve(): Promise<number> {
  const log = pino({ level: 'silent' });
  const app = createApp({ log, trustProxy: 1, session: readSession(['key']), routes });
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  return server.port;
}

/** A proxy that ends TLS, with a certificate that nobody has signed. Resolves with its port. */
async function serveByTls(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tickets.example -keyout ${key} -out ${cert}`;
  execFileSync('openssl', made.split(' '), { stdio: 'ignore' });
  const app = express().use(proxyTo(`http://127.0.0.1:${await serve()}`));
  const proxy = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, app);
  rmSync(folder, { recursive: true });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  atEnd(async () => {
    proxy.closeAllConnections();
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
  });
  return (proxy.address() as AddressInfo).port;
}

test.each([
  ['over http, where browsers say no site', 'http', 'tickets.example', 'evil.example', serve],
  ['over http on this machine, where they do', 'http', '127.0.0.1', 'localhost', serve],
  ['over https, behind a proxy that ends it', 'https', 'tickets.example', 'evil.example', serveByTls],
])(
  'When a form is sent %s, then only that of the own site is taken',
  async (_, scheme, own, other, start) => {
    const port = await start();
    const browser = await launchChromium('--host-resolver-rules=MAP *.example 127.0.0.1');
    const page = await browser.newPage({ ignoreHTTPSErrors: true });

    async function sendFrom(host: string, type: string): Promise<number> {
      const to = `${scheme}://${own}:${port}/api/orders`;
      await page.goto(`${scheme}://${host}:${port}/form?${new URLSearchParams({ to, type })}`);
      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button').click();
      return (await answered).status();
    }

    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
      expect(await sendFrom(own, type)).toBe(201);
      expect(await sendFrom(other, type)).toBe(403);
    }
  },
);
