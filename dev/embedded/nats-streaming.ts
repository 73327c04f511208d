import type { EmbeddedBrokers } from './embedded-server.ts';
import type { Log } from './first-available.ts';
import { natsStreaming } from './nats-binary.ts';
import { startNats } from './start-nats.ts';

const defaultClusterId = 'ticketing';
const advice =
  'no NATS Streaming server can be started: install go, docker or nats-streaming-server, or set NATS_URL and NATS_CLUSTER_ID';

/** Where messages are stored. In memory they are lost with the server. */
type Store = 'FILE' | 'MEMORY';

export interface NatsOptions {
  log: Log;
  store?: Store;
  /** The server's arguments for authentication; without any, everybody may connect. */
  login?: string[];
}

/**
 * The server of `NATS_URL`, else one that is started here.
 *
 * @throws when no server can be had, with what to install
 */
export async function startNatsStreaming({
  log,
  store = 'FILE',
  login = [],
}: NatsOptions): Promise<EmbeddedBrokers['nats-streaming']> {
  const clusterId = process.env['NATS_CLUSTER_ID'] || defaultClusterId;
  const url = process.env['NATS_URL'];
  if (url) {
    const description = 'the NATS Streaming server of NATS_URL';
    return { description, url, clusterId, stop: () => Promise.resolve() };
  }
  const args = (folder: string) => [...flags({ clusterId, folder, store }), ...login];
  const server = await startNats(natsStreaming, { args, ready: /Streaming Server is ready/, advice, log });
  return { ...server, clusterId };
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
