import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from './error-details.ts';
import { freePort } from './free-port.ts';
import { ServerProcess, type ServerProgram } from './server-process.ts';

const maxPortAttempts = 3;

/**
 * Starts a server on a free port with a new temporary data folder. When another process has taken the port first, it tries
 * another port.
 *
 * @throws when it ends or does not answer within 30 s; nothing is left behind then
 */
export async function startServerProcess(program: ServerProgram): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(join(tmpdir(), `orders-${program.name}-`));
    const server = new ServerProcess(program, await freePort(), folder);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      const portTaken = /address already in use/i.test(errorMessage(error));
      if (!portTaken || attempt === maxPortAttempts) throw error;
    }
  }
}
