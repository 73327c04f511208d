import { freePort } from '../../../dev/embedded/free-port.ts';
import { findServer } from './find-server.ts';

test('When no server responds, then the error has the reason of each, the same whatever the order', async () => {
  const ports = [await freePort(), await freePort()].sort((a, b) => a - b);
  // A name may have several addresses, and then the error of the connection has no text of its own.
  const servers = ports.map((port) => `nats://localhost:${port}`);
  const refused = (port: number) => `localhost:${port}: .*ECONNREFUSED.*`;
  const expected = new RegExp(`^${ports.map(refused).join('; ')}$`);
  for (let attempt = 0; attempt < 8; attempt++)
    await expect(findServer(servers, 5_000, new AbortController().signal)).rejects.toThrow(expected);
});
