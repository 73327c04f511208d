import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type LimitedService, startLimitedService } from './limited-service.ts';
import { maxWaitMs, p99Of } from './percentile.ts';

let service: LimitedService;
beforeAll(async () => {
  service = await startLimitedService();
}, 60_000);

/** Sends one request so many times over one connection, and reads nothing of what comes. */
async function askUnread(request: string, times: number): Promise<Socket> {
  const socket = connect(service.port, '127.0.0.1').pause();
  atEnd(async () => socket.destroy());
  // The service cuts the connection.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`${request} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times));
  return socket;
}

const other = signedIn();

async function expectOthersServed(): Promise<void> {
  const answer = await fetch(`${service.url}/api/orders`, { headers: other });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual([]);
}

test.each([
  'GET /api/orders/docs/swagger-ui-bundle.js',
  'GET /api/orders/docs/swagger-ui.css',
  'GET /api/orders/openapi.json',
  'GET /api/orders/nothing',
  `POST /api/orders/${newId()}/extension`,
])(
  'When one connection asks for %s 900 times and reads nothing, then it is cut, memory stays, and others are served',
  async (request) => {
    const socket = await askUnread(request, 900);
    expect(await p99Of(200, expectOthersServed)).toBeLessThan(maxWaitMs);
    expect(await service.residentMb()).toBeLessThan(250);
    await eventually(async () => (await service.metric('orders_requests_in_flight')) === 0);
    expect(await service.residentMb()).toBeLessThan(250);
    await expectOthersServed();
    // One that does not read does not notice its end.
    await once(socket.resume(), 'close');
  },
);
