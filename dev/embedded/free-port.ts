import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to clients (Linux from 32768, macOS from 49152). */
const minPort = 12_000;
const maxPort = 32_000;

/**
 * A TCP port that was free a moment ago. It is not from the range that the system gives to clients: a client that tries to
 * reach a killed server could otherwise get the server's port as its own, and the server could not restart.
 *
 * @throws when 50 random ports in a row are taken
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(minPort, maxPort);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${minPort} and ${maxPort}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
