import type { ServerAddress } from './embedded-server.ts';
import { firstAvailable, type Log } from './first-available.ts';
import type { NatsProgram } from './nats-binary.ts';
import { startNatsInDocker } from './nats-docker.ts';
import { isNatsServing } from './nats-health.ts';
import { natsBinaries } from './nats-sources.ts';
import { startServerProcess } from './start-server-process.ts';

interface NatsOptions {
  /** The server's arguments beside its address. */
  args(folder: string): string[];
  /** Matches the line that the server prints once it serves. */
  ready: RegExp;
  /** What to install, for who has nothing of it. */
  advice: string;
  log: Log;
}

/**
 * Starts a server of the NATS project here: installed, built with Go, the release's archive, a container.
 *
 * @throws when it cannot be had, with the advice
 */
export function startNats(
  program: NatsProgram,
  { args, ready, advice, log }: NatsOptions,
): Promise<ServerAddress> {
  const binaries = natsBinaries(program, log).map(({ description, find }) => ({
    name: description,
    async start() {
      const command = await find();
      const server = await startServerProcess({
        name: program.name,
        command,
        args: ({ port, folder }) => ['-a', '127.0.0.1', '-p', String(port), ...args(folder)],
        ready,
        isServing: isNatsServing,
      });
      return { description, url: `nats://127.0.0.1:${server.port}`, server, stop: () => server.stop() };
    },
  }));
  const docker = { name: 'docker', start: () => startNatsInDocker(program, { args, ready, log }) };
  return firstAvailable<ServerAddress>([...binaries, docker], { log, advice });
}
