import { type ClientHttp2Session, connect } from 'node:http2';
import { signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { atEnd } from '../support/lifetime.ts';
import { startHttp2Proxy } from './http2-proxy.ts';
import { startLimitedService } from './limited-service.ts';

function openSession(url: string, initialWindowSize?: number): ClientHttp2Session {
  const session = connect(url, initialWindowSize === undefined ? {} : { settings: { initialWindowSize } });
  session.on('error', () => undefined);
  atEnd(async () => session.destroy());
  return session;
}

/** Asks so many times at once, and lets nothing of the answers come. */
function askUnread(url: string, path: string, streams: number): void {
  const session = openSession(url, 0);
  for (let i = 0; i < streams; i++) session.request({ ':path': path }).on('error', () => undefined);
}

async function statusOf(session: ClientHttp2Session, path: string): Promise<number> {
  const stream = session.request({ ':path': path, authorization: signedIn().Authorization });
  stream.resume();
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('response', (headers) => resolve(Number(headers[':status'])));
  });
}

test('When an address asks over a proxy 1,920 times for a large file with closed windows, then memory stays, and others are served', async () => {
  const service = await startLimitedService({ trustProxy: 1 });
  const attacked = await startHttp2Proxy(service.url, '192.0.2.1');
  const others = openSession(await startHttp2Proxy(service.url, '198.51.100.1'));
  for (let i = 0; i < 16; i++) askUnread(attacked, '/api/orders/docs/swagger-ui-bundle.js', 120);
  await eventually(async () => (await service.metric('orders_requests_overloaded_total')) > 100, {
    withinMs: 20_000,
  });
  for (let i = 0; i < 50; i++) expect(await statusOf(others, '/api/orders')).toBe(200);
  expect(await service.residentMb()).toBeLessThan(250);
}, 90_000);
