import express from 'express';
import helmet from 'helmet';
import { proxyTo } from '../../dev/storefront/orders-proxy.ts';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { listen } from '../../src/platform/http/server.ts';
import { apiDescriptionRoutes } from '../../src/platform/openapi/description-routes.ts';
import { atEnd } from '../support/at-end.ts';
import { launchChromium } from './chromium.ts';

const { api: orderApi } = orderHttp();

/** The page needs neither database nor broker; the headers are those that the service sets. */
async function servePage(): Promise<URL> {
  const app = express().use(helmet());
  (await apiDescriptionRoutes(orderApi))(app);
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  return new URL(`http://127.0.0.1:${server.port}/api/orders/docs`);
}

/** A proxy that serves the service under `/shop`, and passes requests on without it. */
async function serveUnderPrefix(service: URL): Promise<URL> {
  const app = express().use('/shop', (req, res, next) => {
    req.originalUrl = req.url;
    proxyTo(service.origin)(req, res, next);
  });
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  return new URL(`http://127.0.0.1:${server.port}/shop${service.pathname}`);
}

test.each([
  ['directly', async (service: URL) => service],
  ['behind a proxy that adds a prefix', serveUnderPrefix],
  [
    'behind such a proxy, as a folder',
    async (service: URL) => new URL(`${await serveUnderPrefix(service)}/`),
  ],
])(
  'When the page is opened %s, then it shows every operation, without an error and without another host',
  async (_, from) => {
    const url = await from(await servePage());
    const browser = await launchChromium();
    const page = await browser.newPage();
    const problems: string[] = [];
    const hosts = new Set<string>();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
    page.on('response', (answer) => {
      if (answer.status() >= 400) problems.push(`${answer.status()}: ${answer.url()}`);
    });
    page.on('request', (request) => hosts.add(new URL(request.url()).host));

    await page.goto(url.href);
    const shown = page.locator('.opblock-summary');
    await shown.first().waitFor();
    expect(await shown.count()).toBe(orderApi.operations.length);
    for (const { method, path, summary } of orderApi.operations) {
      const line = shown.filter({ hasText: summary }).first();
      expect(await line.locator('.opblock-summary-method').textContent()).toBe(method.toUpperCase());
      expect(await line.textContent()).toContain(path.replace(':orderId', '{orderId}'));
    }

    await shown.first().click();
    const opened = page.locator('.opblock.is-open');
    await opened.getByText('Idempotency-Key', { exact: true }).first().waitFor();
    await opened.locator('.response[data-code="409"]').getByText('The ticket is held or sold').waitFor();

    expect(problems).toEqual([]);
    // What is tried out goes where the page came from. Here are no orders, so only where it goes counts.
    const list = page.locator('.opblock').filter({ hasText: 'List your orders' });
    await list.locator('.opblock-summary').click();
    await list.getByRole('button', { name: 'Try it out' }).click();
    const asked = page.waitForRequest((request) => /orders(\?|$)/.test(request.url()));
    await list.getByRole('button', { name: 'Execute' }).click();
    expect((await asked).url().split('?')[0]).toBe(new URL(url.pathname.replace(/\/docs\/?$/, ''), url).href);

    // What stands in the page itself has no host.
    hosts.delete('');
    expect([...hosts]).toEqual([url.host]);
  },
);
