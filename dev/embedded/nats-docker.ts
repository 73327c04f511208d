import type { ServerAddress } from './embedded-server.ts';
import { type Log, Unavailable } from './first-available.ts';
import type { NatsProgram } from './nats-binary.ts';
import { isNatsServing } from './nats-health.ts';
import { findProgram, runCommand } from './run-command.ts';
import { startServerProcess } from './start-server-process.ts';

const containerPort = '4222';

interface DockerOptions {
  /** The server's arguments beside its port. */
  args(folder: string): string[];
  /** Matches the line that the server prints once it serves. */
  ready: RegExp;
  log: Log;
}

/**
 * Starts the server in a container. There is no `server` to kill or freeze: a signal would only end docker's client.
 *
 * @throws Unavailable when docker is not installed or its daemon does not answer
 */
export async function startNatsInDocker(
  { title, name, version, image: repository }: NatsProgram,
  { args, ready, log }: DockerOptions,
): Promise<ServerAddress> {
  const docker = await findProgram('docker');
  if (!docker) throw new Unavailable('no docker on the PATH');
  await runCommand(docker, ['version'], { timeoutMs: 10_000 }).catch((error: unknown) => {
    throw new Unavailable('docker is installed, but its daemon does not answer', { cause: error });
  });
  const image = `${repository}:${version}`;
  log(`pulling the container image ${image}…`);
  await runCommand(docker, ['pull', image], { timeoutMs: 5 * 60 * 1000 });

  const container = (port: number) => `orders-${repository}-${process.pid}-${port}`;
  const server = await startServerProcess({
    name,
    command: docker,
    args: ({ port }) => [
      ...['run', '--rm', '--name', container(port), '-p', `127.0.0.1:${port}:${containerPort}`, image],
      ...['-p', containerPort, ...args('/data')],
    ],
    ready,
    isServing: isNatsServing,
    cleanUp: (port) => [docker, 'rm', '--force', container(port)],
  });
  return {
    description: `${title} ${version} (docker)`,
    url: `nats://127.0.0.1:${server.port}`,
    stop: () => server.stop(),
  };
}
