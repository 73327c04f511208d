import { once } from 'node:events';
import { connect } from 'node:net';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startLimitedService } from './limited-service.ts';

const path = '/api/orders/no-id';

/** Sends each of the requests when the one before has been answered, over one connection. */
async function sendInTurn(port: number, requests: string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  atEnd(async () => socket.destroy());
  await once(socket, 'connect');
  for (const request of requests) {
    socket.write(request);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // Signed in, or it would be 401.
    expect(answer.toString('latin1')).toContain('HTTP/1.1 400 ');
  }
}

test('When 10,000 users send their tokens behind 15,000 spaces each, then no header is kept with its token', async () => {
  const service = await startLimitedService();
  const connections = 10;
  const padded = Array.from({ length: 10_000 }, () => {
    const token = signedIn(newId()).Authorization.slice('Bearer '.length);
    return `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer${' '.repeat(15_000)}${token}\r\n\r\n`;
  });
  const share = padded.length / connections;
  await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      sendInTurn(service.port, padded.slice(index * share, (index + 1) * share)),
    ),
  );
  // The tokens themselves take 3 MB; the headers would take 150.
  await eventually(async () => (await service.metric('nodejs_heap_size_used_bytes')) < 120 * 2 ** 20);
  expect(await service.residentMb()).toBeLessThan(250);
}, 90_000);
