import { timed } from './driver.ts';
import { type BrokerAddress, joined } from './passes.ts';

export interface PublishJob {
  broker: BrokerAddress;
  messages: { subject: string; data: unknown }[];
  inFlight: number;
}

/** Publishes messages, begun in their order, and resolves with how many a second the broker has acknowledged. */
export async function publish({ broker, messages, inFlight }: PublishJob): Promise<number> {
  const joinedBroker = await joined(broker);
  return timed(messages, inFlight, ({ subject, data }) =>
    joinedBroker.publish(subject, JSON.stringify(data)),
  );
}
