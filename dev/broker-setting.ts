import { BadConfig } from '../src/platform/process/environment.ts';
import { brokerVariables } from './embedded/broker-variables.ts';
import type { BrokerKind } from './embedded/embedded-server.ts';

/**
 * The broker of the demo: `BROKER`, else the one whose address the environment has, else NATS Streaming.
 *
 * @param peers classic ones speak to NATS Streaming alone: where such a service has moved, it has other code
 * @throws BadConfig
 */
export function readBroker({ BROKER, JETSTREAM_URL }: NodeJS.ProcessEnv, peers?: 'classic'): BrokerKind {
  const kind = BROKER || (JETSTREAM_URL ? 'jetstream' : 'nats-streaming');
  if (kind !== 'nats-streaming' && kind !== 'jetstream')
    throw new BadConfig([
      `BROKER must be jetstream or nats-streaming (or be left out), not ${JSON.stringify(kind)}`,
    ]);
  if (kind === 'jetstream' && peers === 'classic')
    throw new BadConfig([
      '--peers classic needs NATS Streaming, which is all that such services speak to: leave out --peers, or BROKER and JETSTREAM_URL',
    ]);
  return kind;
}

/** What the service will read of its broker. An address that the environment does not have is filled in. */
export function expectedVariables(kind: BrokerKind, environment: NodeJS.ProcessEnv): Record<string, string> {
  const notYet = 'nats://not-started-yet';
  const { JETSTREAM_URL, NATS_URL, NATS_CLUSTER_ID } = environment;
  return brokerVariables(
    kind === 'jetstream'
      ? { url: JETSTREAM_URL || notYet }
      : { url: NATS_URL || notYet, clusterId: NATS_CLUSTER_ID || 'not-started-yet' },
  );
}
