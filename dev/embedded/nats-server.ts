import { join } from 'node:path';
import type { EmbeddedBrokers, JetStreamAddress } from './embedded-server.ts';
import { firstAvailable, type Log } from './first-available.ts';
import { natsServer } from './nats-binary.ts';
import { startNatsInDocker } from './nats-docker.ts';
import { isNatsServing } from './nats-health.ts';
import { natsBinaries } from './nats-sources.ts';
import { startServerProcess } from './start-server-process.ts';

const advice =
  'no NATS server with JetStream can be started: install go, docker or nats-server, or set JETSTREAM_URL';

const ready = /Server is ready/;

export interface NatsServerOptions {
  log: Log;
  /** Further arguments of the server, such as those for authentication; without any, everybody may connect. */
  login?: string[];
}

/**
 * The server of `JETSTREAM_URL`, else one that is started here: installed, built with Go, the release's archive, a
 * container.
 *
 * @throws when no server can be had, with what to install
 */
export function startNatsServer({
  log,
  login = [],
}: NatsServerOptions): Promise<EmbeddedBrokers['jetstream']> {
  const url = process.env['JETSTREAM_URL'];
  if (url) {
    const description = 'the NATS server of JETSTREAM_URL';
    return Promise.resolve({ description, url, ...givenFiles(), stop: () => Promise.resolve() });
  }
  const args = (folder: string) => ['-js', '-sd', join(folder, 'jetstream'), ...login];
  const binaries = natsBinaries(natsServer, log).map(({ description, find }) => ({
    name: description,
    async start() {
      const command = await find();
      const server = await startServerProcess({
        name: natsServer.name,
        command,
        args: ({ port, folder }) => ['-a', '127.0.0.1', '-p', String(port), ...args(folder)],
        ready,
        isServing: isNatsServing,
      });
      return { description, url: `nats://127.0.0.1:${server.port}`, server, stop: () => server.stop() };
    },
  }));
  const docker = { name: 'docker', start: () => startNatsInDocker(natsServer, { args, ready, log }) };
  return firstAvailable<EmbeddedBrokers['jetstream']>([...binaries, docker], { log, advice });
}

/** What a server that is not started here may want of its clients. */
function givenFiles(): Pick<JetStreamAddress, 'credsFile' | 'caFile'> {
  const { JETSTREAM_CREDS_FILE: credsFile, JETSTREAM_CA_FILE: caFile } = process.env;
  return { ...(credsFile && { credsFile }), ...(caFile && { caFile }) };
}
