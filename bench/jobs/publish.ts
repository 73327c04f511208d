import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import { openBroker } from './open-broker.ts';
import { operationsPerSecond } from './timing.ts';

export interface PublishJob {
  broker: BrokerAddress;
  messages: { subject: string; data: unknown }[];
  inFlight: number;
}

/** Publishes messages, begun in their order, and resolves with how many a second the broker has acknowledged. */
export async function publish({ broker: address, messages, inFlight }: PublishJob): Promise<number> {
  const broker = await openBroker(address);
  return operationsPerSecond(messages, inFlight, ({ subject, data }) =>
    broker.publish(subject, JSON.stringify(data)),
  );
}
