import type { Connection } from 'mongoose';
import type { Message, Stan, Subscription } from 'node-nats-streaming';
import { connectStan, type SeenEvent, watchSubject } from './connect-stan.ts';
import { eventually } from './eventually.ts';
import { type OrdersApi, startOrdersApi } from './orders-api.ts';
import { startOwnBroker } from './own-broker.ts';
import { connectPeer, openDatabase, type Peer, testConfig } from './running-service.ts';

const classicNames = {
  pending: 'created',
  paid: 'complete',
  cancelled: 'cancelled',
  expired: 'cancelled',
};

/** An orders service that is called by classic names, and what an example of a peer needs beside it. */
export interface PeerExample {
  api: OrdersApi;
  /** Sends what the test wants to be sent, and sees the orders' events. */
  peer: Peer;
  /** The example's own connections. */
  stan: Stan;
  connection: Connection;
  /** What the example has sent. */
  sent: SeenEvent[];
  /** Resolves once the example has acknowledged every event of an order that there is, or those of this id. */
  settled(eventId?: string): Promise<void>;
  /** The next publish of the example fails, as when its process ends before it. */
  failNextPublish(): void;
}

/** Starts them over a broker of their own, so that the example gets no other test's messages. They end with the test file. */
export async function startBesideExample(subjectsOfExample: string[]): Promise<PeerExample> {
  const { url, clusterId } = await startOwnBroker();
  const own = testConfig();
  const nats = { ...own.nats, url, clusterId };
  const api = await startOrdersApi({ nats, statusNames: classicNames });
  const peer = await connectPeer(api.config, 'all');
  const stan = await connectStan(nats);
  const connection = await openDatabase(own);
  const sent: SeenEvent[] = [];
  const watching = await connectStan(nats);
  await Promise.all(
    subjectsOfExample.map((subject) => watchSubject(watching, subject, { sees: 'all', seen: sent })),
  );
  const { acknowledged, failNextPublish } = spyOn(stan);
  return {
    ...{ api, peer, stan, connection, sent, failNextPublish },
    settled: (eventId) =>
      eventually(
        () =>
          peer.seen
            .filter(
              ({ subject, data }) =>
                acknowledged.has(subject) && [undefined, data['eventId']].includes(eventId),
            )
            .every(({ subject, sequence }) => acknowledged.get(subject)?.has(sequence)),
        { withinMs: 20_000 },
      ),
  };
}

/** The sequences of each subject that this connection acknowledges. */
function spyOn(stan: Stan) {
  const acknowledged = new Map<string, Set<number>>();
  const subscribe = stan.subscribe.bind(stan) as (subject: string, ...options: unknown[]) => Subscription;
  const publish = stan.publish.bind(stan);
  stan.subscribe = (subject: string, ...options: unknown[]) => {
    const sequences = new Set<number>();
    acknowledged.set(subject, sequences);
    const subscription = subscribe(subject, ...options);
    subscription.on('message', (message: Message) => {
      const ack = message.ack.bind(message);
      message.ack = () => {
        sequences.add(message.getSequence());
        ack();
      };
    });
    return subscription;
  };
  let fails = false;
  stan.publish = (subject, data, callback) => {
    if (!fails) return publish(subject, data, callback);
    fails = false;
    callback?.(new Error('the test has this one fail'), '');
    return '';
  };
  return {
    acknowledged,
    failNextPublish() {
      fails = true;
    },
  };
}
