import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to clients (Linux from 32768, macOS from 49152). */
const lowest = 12_000;
const highest = 32_000;

/**
 * A TCP port that nobody listened on a moment ago. It is not taken from the system's own range: a client that tries
 * a killed server again and again could be given the server's port as its own, and so keep it from coming back.
 *
 * @throws when 50 random ports in a row are taken
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${lowest} and ${highest}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
