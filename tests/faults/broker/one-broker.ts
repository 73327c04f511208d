import { brokerVariables } from '../../../dev/embedded/broker-variables.ts';
import { startNatsServer } from '../../../dev/embedded/nats-server.ts';
import { startNatsStreaming } from '../../../dev/embedded/nats-streaming.ts';
import { type LinkName, type ServiceName, services } from '../nemesis/schedule.ts';
import type { LinkProxy } from '../nemesis/toxiproxy.ts';
import type { BrokerOptions, RoundBroker } from './round-broker.ts';

/**
 * A broker that is one server; each service reaches it over a link of its own, the load past them.
 *
 * @throws when it does not start, or is not a process that can be killed
 */
export async function startOneBroker(
  kind: 'nats-streaming' | 'jetstream',
  { toxiproxy, log }: BrokerOptions,
): Promise<RoundBroker> {
  const broker = await (kind === 'jetstream' ? startNatsServer({ log }) : startNatsStreaming({ log }));
  const { description, server, stop } = broker;
  try {
    if (!server) throw new Error('the broker must be a process that can be killed');
    const links = new Map<LinkName, LinkProxy>();
    for (const name of services) {
      if (toxiproxy) links.set(`${name}:broker`, await toxiproxy.connect(`${name}-broker`, server.port));
    }
    const portFor = (name: ServiceName) => links.get(`${name}:broker`)?.port ?? server.port;
    return {
      ...{ description, scope: 'one', address: broker, stop },
      settingsOf: (name) => ({
        ...brokerVariables({ ...broker, url: `nats://127.0.0.1:${portFor(name)}` }),
        ...(kind === 'nats-streaming' && { NATS_CLIENT_ID: name }),
      }),
      processes: [['broker', server]],
      links: [...links],
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
