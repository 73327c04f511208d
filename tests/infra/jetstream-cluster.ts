import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { firstAvailable } from '../../dev/embedded/first-available.ts';
import { freePort } from '../../dev/embedded/free-port.ts';
import { natsServer } from '../../dev/embedded/nats-binary.ts';
import { isNatsServing } from '../../dev/embedded/nats-health.ts';
import { natsBinaries } from '../../dev/embedded/nats-sources.ts';
import type { ServerProcess } from '../../dev/embedded/server-process.ts';
import { startServerProcess } from '../../dev/embedded/start-server-process.ts';
import { atEnd } from '../support/at-end.ts';
import { renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';

/** The configuration of a server of the overlay `jetstream`, as its pod has it. */
export const serverConfig = textOf('infra/k8s/overlays/jetstream/nats-server.conf');

/** A server of the cluster, started here. */
export interface ClusterServer {
  server: ServerProcess;
  /** The status of a page of its monitoring, such as `/healthz`; undefined when it does not respond. */
  statusOf(page: string): Promise<number | undefined>;
}

/** The path of a real nats-server. @throws when none can be had */
export function findNatsServer(): Promise<string> {
  const log = () => undefined;
  const sources = natsBinaries(natsServer, log).map(({ description, find }) => ({
    name: description,
    start: find,
  }));
  return firstAvailable(sources, { log, advice: 'no nats-server: install go or nats-server' });
}

/**
 * Starts the servers of the overlay with its configuration, in which ports, names and folders are those of this machine.
 * They end with the test file.
 */
export async function startCluster(): Promise<ClusterServer[]> {
  const command = await findNatsServer();
  const names = podNames();
  const routePorts = new Map<string, number>();
  for (const name of names) routePorts.set(name, await freePort());
  return Promise.all(names.map((name) => startServer({ command, name, routePorts })));
}

/** The names that the pods have. */
export function podNames(): string[] {
  const set = renderOverlay('jetstream').find(
    ({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'jetstream',
  );
  const { replicas } = z.looseObject({ replicas: z.number() }).parse(set?.['spec']);
  return Array.from({ length: replicas }, (_, index) => `jetstream-${index}`);
}

interface ServerOptions {
  command: string;
  name: string;
  routePorts: ReadonlyMap<string, number>;
}

async function startServer({ command, name, routePorts }: ServerOptions): Promise<ClusterServer> {
  const monitoring = await freePort();
  const server = await startServerProcess({
    name: natsServer.name,
    command,
    args({ port, folder }) {
      const config = onThisMachine({ name, port, monitoring, folder, routePorts });
      const path = join(folder, 'nats-server.conf');
      writeFileSync(path, config);
      return ['--config', path];
    },
    ready: /Server is ready/,
    isServing: isNatsServing,
  });
  atEnd(() => server.stop());
  return {
    server,
    statusOf: (page) =>
      fetch(`http://127.0.0.1:${monitoring}${page}`).then(
        ({ status }) => status,
        () => undefined,
      ),
  };
}

interface Location extends Omit<ServerOptions, 'command'> {
  port: number;
  monitoring: number;
  folder: string;
}

function onThisMachine({ name, port, monitoring, folder, routePorts }: Location): string {
  const replacements: [string, string][] = [
    ['server_name: $SERVER_NAME', `server_name: ${name}`],
    ['port: 4222', `host: 127.0.0.1, port: ${port}`],
    ['http_port: 8222', `http: "127.0.0.1:${monitoring}"`],
    ['port: 6222', `host: 127.0.0.1, port: ${routePorts.get(name)}`],
    ['store_dir: /data', `store_dir: ${join(folder, 'data')}`],
    // Time to leave is for clients that stay.
    ['lame_duck_grace_period: 10s', 'lame_duck_grace_period: 1s'],
    ...[...routePorts].map(([peer, at]): [string, string] => [
      `nats://${peer}.jetstream-srv:6222`,
      `nats://127.0.0.1:${at}`,
    ]),
  ];
  return replacements.reduce((config, [written, here]) => {
    if (!config.includes(written)) throw new Error(`the configuration has no ${written}`);
    return config.replace(written, here);
  }, serverConfig);
}
