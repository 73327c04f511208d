import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as openSocket } from 'node:net';
import { atEnd } from '../support/at-end.ts';
import { signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startHttp2Proxy } from './http2-proxy.ts';
import { type LimitedService, startLimitedService } from './limited-service.ts';
import { maxWaitMs, p99Of } from './percentile.ts';

/** All of them are this machine's own. */
const [attacker, other] = ['127.0.0.2', '127.0.0.3'];

let service: LimitedService;
let proxyUrl: string;
beforeAll(async () => {
  service = await startLimitedService({ trustProxy: 1 });
  proxyUrl = await startHttp2Proxy(service.url);
}, 60_000);

function openSession(
  localAddress: string,
  settings: { initialWindowSize?: number } = {},
): ClientHttp2Session {
  const { port, hostname: host } = new URL(proxyUrl);
  const createConnection = () => openSocket({ port: Number(port), host, localAddress });
  const session = connect(proxyUrl, { createConnection, settings });
  session.on('error', () => undefined);
  atEnd(async () => session.destroy());
  return session;
}

/** Asks so many times at once, and lets nothing of the answers come. */
function askUnread(path: string, streams: number): void {
  const session = openSession(attacker, { initialWindowSize: 0 });
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

/** How many requests have come, whatever became of them. */
async function requestsSeen(): Promise<number> {
  const names = ['orders_http_request_duration_seconds_count', 'orders_requests_overloaded_total'];
  const counts = await Promise.all(
    [...names, 'orders_requests_in_flight'].map((name) => service.metric(name).catch(() => 0)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

test.each(['/api/orders/docs/swagger-ui-bundle.js', '/api/orders/openapi.json'])(
  'When an address asks over a proxy 1,920 times for %s with closed windows, then memory stays, and others are served',
  async (path) => {
    const others = openSession(other);
    const before = await requestsSeen();
    for (let i = 0; i < 16; i++) askUnread(path, 120);
    // Each read costs the service time.
    await eventually(async () => (await requestsSeen()) > before + 500, { withinMs: 30_000, everyMs: 250 });
    const p99 = await p99Of(300, async () => expect(await statusOf(others, '/api/orders')).toBe(200));
    expect(await service.residentMb()).toBeLessThan(250);
    expect(p99).toBeLessThan(maxWaitMs);
  },
  90_000,
);
