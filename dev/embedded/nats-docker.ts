import type { EmbeddedNats } from './embedded-server.ts';
import { type Log, Unavailable } from './first-available.ts';
import { natsStreamingVersion } from './nats-binary.ts';
import { isNatsServing } from './nats-health.ts';
import { findProgram, runCommand } from './run-command.ts';
import { startServerProcess } from './start-server-process.ts';

const image = `nats-streaming:${natsStreamingVersion}`;
const containerPort = '4222';

/**
 * Starts the server in a container. There is no `server` to kill or freeze: a signal would only end docker's client.
 *
 * @throws Unavailable when docker is not installed or its daemon does not answer
 */
export async function startNatsInDocker(
  flags: (location: { clusterId: string; folder: string }) => string[],
  { clusterId, log }: { clusterId: string; log: Log },
): Promise<EmbeddedNats> {
  const docker = await findProgram('docker');
  if (!docker) throw new Unavailable('no docker on the PATH');
  await runCommand(docker, ['version'], { timeoutMs: 10_000 }).catch((error: unknown) => {
    throw new Unavailable('docker is installed, but its daemon does not answer', { cause: error });
  });
  log(`pulling the container image ${image}…`);
  await runCommand(docker, ['pull', image], { timeoutMs: 5 * 60 * 1000 });

  const container = (port: number) => `orders-nats-streaming-${process.pid}-${port}`;
  const server = await startServerProcess({
    name: 'nats-streaming',
    command: docker,
    args: ({ port }) => [
      ...['run', '--rm', '--name', container(port), '-p', `127.0.0.1:${port}:${containerPort}`, image],
      ...['-p', containerPort, ...flags({ clusterId, folder: '/data' })],
    ],
    ready: /Streaming Server is ready/,
    isServing: isNatsServing,
    cleanUp: (port) => [docker, 'rm', '--force', container(port)],
  });
  return {
    description: `NATS Streaming ${natsStreamingVersion} (docker)`,
    url: `nats://127.0.0.1:${server.port}`,
    clusterId,
    stop: () => server.stop(),
  };
}
