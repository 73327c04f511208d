import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Broker } from '../../src/messaging/broker.ts';
import { connectNatsStreaming } from '../../src/messaging/nats-streaming/nats-streaming.ts';
import { sleep } from '../../src/platform/time/repeat.ts';

export interface BrokerAddress {
  url: string;
  clusterId: string;
}

/** A stand-in's connection to the real broker. It reconnects for ever, as the service's own does. */
export interface Peer {
  broker: Broker;
  /** Publishes in the order of the calls, each message until the broker has it: at least once, like an outbox. */
  send(subject: string, message: string): void;
  stop(): Promise<void>;
}

const retryEveryMs = 300;

/** Joins the broker under a name. The queue group is new with every run, so that nobody else gets its messages. */
export function joinBroker(address: BrokerAddress, name: string): Peer {
  const unique = `${name}-${randomUUID().slice(0, 8)}`;
  // The service tells of the broker's absence; three stand-ins that repeat it would only drown the addresses.
  const log = pino({ level: 'silent' });
  const broker = connectNatsStreaming({ ...address, clientId: unique, queueGroup: unique, log });
  const stopping = new AbortController();
  let sent = Promise.resolve();

  async function publishUntilStored(subject: string, message: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await broker.publish(subject, message);
        return;
      } catch {
        // The broker is away; there is nothing to do but to come again.
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
