import type { EmbeddedBrokers } from './embedded-server.ts';
import { firstAvailable, type Log } from './first-available.ts';
import { natsStreaming } from './nats-binary.ts';
import { startNatsInDocker } from './nats-docker.ts';
import { isNatsServing } from './nats-health.ts';
import { natsBinaries } from './nats-sources.ts';
import { startServerProcess } from './start-server-process.ts';

const defaultClusterId = 'ticketing';
const advice =
  'no NATS Streaming server can be started: install go, docker or nats-streaming-server, or set NATS_URL and NATS_CLUSTER_ID';

const ready = /Streaming Server is ready/;

/** Where messages are stored. In memory they are lost with the server. */
type Store = 'FILE' | 'MEMORY';

export interface NatsOptions {
  log: Log;
  store?: Store;
  /** The server's arguments for authentication; without any, everybody may connect. */
  login?: string[];
}

/**
 * The server of `NATS_URL`, else one that is started here: installed, built with Go, the release's archive, a container.
 *
 * @throws when no server can be had, with what to install
 */
export function startNatsStreaming({
  log,
  store = 'FILE',
  login = [],
}: NatsOptions): Promise<EmbeddedBrokers['nats-streaming']> {
  const clusterId = process.env['NATS_CLUSTER_ID'] || defaultClusterId;
  const url = process.env['NATS_URL'];
  if (url) {
    const description = 'the NATS Streaming server of NATS_URL';
    return Promise.resolve({ description, url, clusterId, stop: () => Promise.resolve() });
  }
  const binaries = natsBinaries(natsStreaming, log).map(({ description, find }) => ({
    name: description,
    start: async () => startBinary(await find(), { description, clusterId, store, login }),
  }));
  const docker = {
    name: 'docker',
    start: () =>
      startNatsInDocker(natsStreaming, {
        args: (folder) => [...flags({ clusterId, folder, store }), ...login],
        ready,
        log,
      }).then((server) => ({ ...server, clusterId })),
  };
  return firstAvailable([...binaries, docker], { log, advice });
}

function flags({ clusterId, folder, store }: { clusterId: string; folder: string; store: Store }): string[] {
  return [
    ...['-cid', clusterId, '-st', store, '--dir', folder],
    // By default a crashed client stays a member of its queue group for minutes, and messages sent to it are delayed.
    ...['-hbi', '5s', '-hbt', '5s', '-hbf', '2'],
    // A full channel drops its oldest messages silently: room for the longest benchmark, but not for a full disk.
    ...['--max_msgs', '10000000', '--max_bytes', '4GB', '--max_age', '0s'],
    // 100 channels and 1,000 subscriptions are the defaults; tests that share a server need more.
    ...['--max_channels', '0', '--max_subs', '0'],
  ];
}

async function startBinary(
  binary: string,
  {
    description,
    clusterId,
    store,
    login,
  }: { description: string; clusterId: string; store: Store; login: string[] },
): Promise<EmbeddedBrokers['nats-streaming']> {
  const server = await startServerProcess({
    name: 'nats-streaming',
    command: binary,
    args: ({ port, folder }) => [
      '-a',
      '127.0.0.1',
      '-p',
      String(port),
      ...flags({ clusterId, folder, store }),
      ...login,
    ],
    ready,
    isServing: isNatsServing,
  });
  return {
    description,
    url: `nats://127.0.0.1:${server.port}`,
    clusterId,
    server,
    stop: () => server.stop(),
  };
}
