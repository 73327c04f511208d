import { randomUUID } from 'node:crypto';
import type { Broker } from '../../src/messaging/broker.ts';
import { sleep } from '../../src/platform/time/repeat.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';
import { connectToBroker } from './broker-connection.ts';

/** A stand-in's connection to the real broker. It reconnects for ever, as the service's connection does. */
export interface Peer {
  broker: Broker;
  /** Publishes in the order of the calls, each message until the broker has acknowledged it: at least once. */
  send(subject: string, message: string): void;
  stop(): Promise<void>;
}

const retryEveryMs = 300;

/** Connects under a name. The queue group is new with every run, so that no other process gets its messages. */
export function connectPeer(address: BrokerAddress, name: string): Peer {
  const unique = `${name}-${randomUUID().slice(0, 8)}`;
  const broker = connectToBroker(address, unique);
  const stopping = new AbortController();
  let sent = Promise.resolve();

  async function publishUntilStored(subject: string, message: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await broker.publish(subject, message);
        return;
      } catch {
        // The broker is away: the loop tries again.
        await sleep(retryEveryMs, stopping.signal);
      }
    }
  }

  return {
    broker,
    send(subject, message) {
      sent = sent.then(() => publishUntilStored(subject, message));
    },
    async stop() {
      stopping.abort();
      await broker.stopReceiving();
      await broker.close();
      await sent;
    },
  };
}
