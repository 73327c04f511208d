import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerAddress } from '../../../dev/embedded/embedded-server.ts';
import { connectToBroker } from '../../../dev/stand-ins/broker-connection.ts';
import type { Broker } from '../../../src/messaging/broker.ts';

/** Publishes, again and again until the broker has the message: so do the peers, and so messages come twice. */
export type Publish = (subject: string, message: string) => Promise<void>;

/** The peers' way to the broker. What really arrived there is read by replay-channels.ts. */
export function openPublisher(broker: BrokerAddress): {
  publish: Publish;
  /** For what the peers hear. */
  subscribe: Broker['subscribe'];
  close(): Promise<void>;
} {
  const connection = connectToBroker(broker, 'peers');
  let open = true;

  async function publish(subject: string, message: string): Promise<void> {
    while (open) {
      try {
        return await connection.publish(subject, message);
      } catch {
        // The broker is away, or did not acknowledge: the message may be stored or not.
        await delay(250);
      }
    }
  }
  return {
    publish,
    subscribe: connection.subscribe.bind(connection),
    async close() {
      open = false;
      await connection.close();
    },
  };
}
