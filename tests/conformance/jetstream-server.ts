import { randomUUID } from 'node:crypto';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import type { WantedStream } from '../../src/messaging/jetstream/streams.ts';
import { atEnd } from '../support/at-end.ts';
import { type BrokerUnderTest, kinds } from './broker-under-test.ts';

/** A server with JetStream for one test file alone, and what an operator does with it. */
export interface JetStreamServer {
  broker: BrokerUnderTest;
  operator: JetStreamManager;
}

export async function startJetStreamServer(): Promise<JetStreamServer> {
  const broker = await kinds.JetStream();
  const connection = await connectNats({ servers: broker.url });
  atEnd(() => connection.close());
  return { broker, operator: await jetstreamManager(connection) };
}

/** A stream for one test alone, which its client creates. */
export function ownStream(rules: Partial<Pick<WantedStream, 'maxBytes' | 'maxAgeMs'>> = {}) {
  const subject = `own-${randomUUID().slice(0, 8)}:created`;
  const name = subject.toUpperCase().replace(/\W/g, '_');
  return { name, subjects: [subject], subject, maxAgeMs: 0, maxBytes: 1024 ** 2, ...rules };
}
