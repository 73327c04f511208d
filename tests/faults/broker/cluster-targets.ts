import type { Log } from '../../../dev/embedded/first-available.ts';
import type { ClusterServer } from '../../support/nats-cluster.ts';
import { clusterLeaders } from '../../support/nats-leaders.ts';
import type { TargetProcess } from '../nemesis/nemesis.ts';
import type { ClusterRole, ProcessName } from '../nemesis/schedule.ts';
import { type Heal, type LinkProxy, together } from '../nemesis/toxiproxy.ts';
import type { Random } from '../random.ts';

export interface ClusterTargetsDeps {
  servers: ClusterServer[];
  /** Every way to a server and from it. */
  linksOf: (server: ClusterServer) => LinkProxy[];
  random: Random;
  log: Log;
}

/** The stream whose leader is hit: all that peers hear of orders is in it. */
const eventStream = 'ORDERS_EVENTS';

/**
 * What faults of a cluster are inflicted on, by roles: which servers they are is found out when a fault begins, and stays
 * until it ends. Where there is no leader at that time, it is any server.
 */
export function clusterTargets(deps: ClusterTargetsDeps): [ProcessName, TargetProcess][] {
  const { servers, random } = deps;
  const named = (name: string | undefined) => servers.filter((server) => server.name === name);
  const orAny = (found: ClusterServer[]) => (found.length > 0 ? found : [random.pick(servers)]);
  const choices: Record<ClusterRole, () => Promise<ClusterServer[]>> = {
    'stream leader': async () => orAny(named((await clusterLeaders(servers)).streams.get(eventStream))),
    'meta leader': async () => orAny(named((await clusterLeaders(servers)).meta)),
    'any broker': async () => [random.pick(servers)],
    'broker majority': async () => random.shuffled(servers).slice(0, 2),
  };
  return Object.entries(choices).map(([role, choose]) => [
    role as ClusterRole,
    target({ ...deps, role, choose }),
  ]);
}

function target({
  role,
  choose,
  linksOf,
  log,
}: Pick<ClusterTargetsDeps, 'linksOf' | 'log'> & {
  role: string;
  choose: () => Promise<ClusterServer[]>;
}): TargetProcess {
  let hit: ClusterServer[] = [];
  const heals: Heal[] = [];
  const ofAll = (inflict: (server: ClusterServer) => unknown) => Promise.all(hit.map(inflict));
  const begin = async (what: string, inflict: (server: ClusterServer) => unknown) => {
    hit = await choose();
    log(`${new Date().toISOString()} ${what} ${role}: ${hit.map(({ name }) => name).join(' and ')}`);
    await ofAll(inflict);
  };
  return {
    kill: () => begin('kill', ({ server }) => server.kill()),
    restart: () => ofAll(({ server }) => server.restart()),
    freeze: () => begin('freeze', ({ server }) => server.freeze()),
    resume: () => ofAll(({ server }) => server.resume()),
    isolate: () =>
      begin('partition', async (server) => {
        heals.push(await together(linksOf(server).map((link) => link.silence())));
      }),
    rejoin: () => Promise.all(heals.splice(0).map((heal) => heal())),
  };
}
