import { brokerVariables } from '../../../dev/embedded/broker-variables.ts';
import { type ClusterServer, startNatsCluster } from '../../support/nats-cluster.ts';
import { type LinkName, type ServiceName, services } from '../nemesis/schedule.ts';
import { asOneLink, type Link, type LinkProxy } from '../nemesis/toxiproxy.ts';
import { clusterTargets } from './cluster-targets.ts';
import type { BrokerOptions, RoundBroker } from './round-broker.ts';

/** Whoever connects to the servers. The load does so over links, too, so that a server can be cut off from everybody. */
const clients = [...services, 'peers'] as const;

/**
 * Three servers with JetStream that store every message three times. The servers reach each other over links, and so does
 * every client each of them.
 *
 * @throws when they do not start; what had been started is stopped then
 */
export async function startCluster({ toxiproxy, random, log }: BrokerOptions): Promise<RoundBroker> {
  /** By who connects and to whom. */
  const links = new Map<string, LinkProxy>();
  async function link(from: string, to: string, port: number): Promise<number> {
    if (!toxiproxy) return port;
    const proxy = await toxiproxy.connect(`${from}-to-${to}`, port);
    links.set(`${from}-to-${to}`, proxy);
    return proxy.port;
  }

  const cluster = await startNatsCluster({ log, linkRoute: link });
  const { description, servers, stop } = cluster;
  try {
    const urls = new Map<string, string>();
    for (const client of clients) urls.set(client, await urlFor(client, servers, link));
    const linksOf = (name: string) => [...links].filter(([way]) => way.split('-to-').includes(name));
    const linkTo = (service: ServiceName): [LinkName, Link] => [
      `${service}:broker`,
      asOneLink(linksOf(service).map(([, proxy]) => proxy)),
    ];
    const addressOf = (client: string) => ({ url: urls.get(client) ?? '' });
    return {
      ...{ description, scope: 'cluster', address: addressOf('peers'), stop },
      settingsOf: (name) => ({ ...brokerVariables(addressOf(name)), JETSTREAM_REPLICAS: '3' }),
      processes: clusterTargets({
        ...{ servers, random, log },
        linksOf: ({ name }) => linksOf(name).map(([, proxy]) => proxy),
      }),
      links: toxiproxy ? services.map(linkTo) : [],
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function urlFor(
  client: string,
  servers: ClusterServer[],
  link: (from: string, to: string, port: number) => Promise<number>,
): Promise<string> {
  const ports = await Promise.all(servers.map(({ name, server }) => link(client, name, server.port)));
  return ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
}
