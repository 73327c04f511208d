import { join } from 'node:path';
import { firstAvailable, type Log } from '../../dev/embedded/first-available.ts';
import { freePort } from '../../dev/embedded/free-port.ts';
import { natsServer } from '../../dev/embedded/nats-binary.ts';
import { isNatsServing } from '../../dev/embedded/nats-health.ts';
import { natsBinaries } from '../../dev/embedded/nats-sources.ts';
import type { ServerProcess } from '../../dev/embedded/server-process.ts';
import { startServerProcess } from '../../dev/embedded/start-server-process.ts';
import { waitUntil } from '../../dev/wait-until.ts';
import { clusterLeaders } from './nats-leaders.ts';

/** One server of a cluster. */
export interface ClusterServer {
  name: string;
  /** To kill, freeze and restart. */
  server: ServerProcess;
  /** Where it serves its state over HTTP. */
  monitorPort: number;
}

export interface NatsCluster {
  /** Which servers they are, for people. */
  description: string;
  servers: ClusterServer[];
  /** Ends the servers and removes their data. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  log: Log;
  /** Resolves with the port at which `from` reaches the route port of `to`; that port itself if absent. */
  linkRoute?: (from: string, to: string, port: number) => Promise<number>;
}

interface Member {
  name: string;
  routePort: number;
  monitorPort: number;
}

const names = ['broker-1', 'broker-2', 'broker-3'];
/** Nothing listens here. */
const nowhere = '127.0.0.1:1';
const leaderWithinMs = 30_000;

/**
 * Starts a cluster of three servers with JetStream, with data in temporary folders, and resolves once it has a leader. They
 * are not synchronised with the disk at each message: what a killed process has written, the system keeps.
 *
 * @throws when the program cannot be had, or a server does not start; nothing is left behind then
 */
export async function startNatsCluster({ log, linkRoute }: ClusterOptions): Promise<NatsCluster> {
  const sources = natsBinaries(natsServer, log).map(({ description, find }) => ({
    name: description,
    start: async () => ({ description, command: await find() }),
  }));
  const advice = 'no cluster with JetStream can be started: install go or nats-server';
  const { description, command } = await firstAvailable(sources, { log, advice });
  const members: Member[] = [];
  for (const name of names)
    members.push({ name, routePort: await freePort(), monitorPort: await freePort() });
  const started = await Promise.allSettled(
    members.map(async (member) => startMember(command, member, await routesOf(member, members, linkRoute))),
  );
  const servers = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async () => void (await Promise.all(servers.map(({ server }) => server.stop())));
  try {
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
    await untilLed(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  return { description: `three servers of ${description}`, servers, stop };
}

function routesOf(
  { name }: Member,
  members: Member[],
  linkRoute: ClusterOptions['linkRoute'] = (_from, _to, port) => Promise.resolve(port),
): Promise<number[]> {
  const others = members.filter((other) => other.name !== name);
  return Promise.all(others.map((other) => linkRoute(name, other.name, other.routePort)));
}

async function startMember(
  command: string,
  { name, routePort, monitorPort }: Member,
  routes: number[],
): Promise<ClusterServer> {
  const server = await startServerProcess({
    name,
    command,
    args: ({ port, folder }) => [
      ...['-a', '127.0.0.1', '-p', String(port), '-m', String(monitorPort), '-n', name],
      ...['-js', '-sd', join(folder, 'jetstream')],
      ...['-cluster_name', 'orders', '-cluster', `nats://127.0.0.1:${routePort}`],
      ...['-routes', routes.map((route) => `nats://127.0.0.1:${route}`).join(',')],
      // Each server is given the way to every other one. Those that it hears of by the way would lead past `linkRoute`.
      ...['-cluster_advertise', nowhere],
    ],
    ready: /Server is ready/,
    isServing: isNatsServing,
  });
  return { name, server, monitorPort };
}

/** A server serves before the cluster has a leader; until then nothing can be stored. */
async function untilLed(servers: ClusterServer[]): Promise<void> {
  await waitUntil(async () => (await clusterLeaders(servers)).meta !== undefined, {
    timeoutMs: leaderWithinMs,
    everyMs: 100,
    onTimeout: (cause) => new Error('the cluster has no leader after 30 s', { cause }),
  });
}
