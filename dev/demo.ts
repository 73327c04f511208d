import { brokerVariables } from './embedded/broker-variables.ts';
import { startStack } from './embedded/stack.ts';
import { startClassicPeers, startContractPeers } from './peers.ts';
import { startServiceProcess } from './service-process.ts';
import type { Settings } from './settings.ts';
import type { TicketView } from './stand-ins/tickets-service.ts';
import { startFeed } from './storefront/feed.ts';
import { createOutage } from './storefront/outage.ts';
import { openReplicaReader } from './storefront/replica-reader.ts';
import { startStorefront } from './storefront/storefront.ts';
import { waitForReplicas } from './wait-for-replicas.ts';

export interface Demo {
  /** Where the shop is. */
  storefrontUrl: string;
  /** Where the orders service itself listens. */
  serviceUrl: string;
  /** Where the orders are: `MONGO_URI` of the operator's commands. */
  mongoUri: string;
  /** Which broker it is, for people. */
  broker: string;
  tickets: TicketView[];
  /** Resolves when the service's process has ended by itself. */
  ended: Promise<void>;
}

export interface DemoOptions extends Settings {
  jwtKey: string;
  changePricesEveryMs: number;
  refundsTakeMs: number;
  log: (line: string) => void;
}

/**
 * Starts the servers, the orders service, stand-ins for its peers and the storefront, and waits until every ticket
 * can be bought.
 *
 * @param stops gets a function for everything that was started, in that order. Call them in reverse, also when this rejects
 * @throws when one of them does not start
 */
export async function startDemo(options: DemoOptions, stops: (() => Promise<unknown>)[]): Promise<Demo> {
  const { jwtKey, log, changePricesEveryMs, refundsTakeMs } = options;
  const started = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    stops.push(() => part.stop());
    return part;
  };
  const stack = started(await startStack({ log, broker: options.broker }));
  log(`using ${stack.mongo.description} and ${stack.broker.description}`);

  const mongoUri = stack.mongo.uri('orders');
  const service = started(
    await startServiceProcess({
      ...options.variables,
      MONGO_URI: mongoUri,
      ...brokerVariables(stack.broker),
    }),
  );
  const feed = started(startFeed(stack.broker));
  const onChange = () => feed.publish({ kind: 'changed' });
  const startPeers = options.peers === 'classic' ? startClassicPeers : startContractPeers;
  const { tickets, payments } = await startPeers({
    ...stack,
    ...{ changePricesEveryMs, refundsTakeMs, onChange, started },
  });
  const replicas = started(await openReplicaReader(mongoUri));
  await waitForReplicas(
    replicas,
    (await tickets.list()).map(({ id }) => id),
  );
  const outage = started(createOutage(stack.broker));
  const storefront = started(
    await startStorefront({
      port: options.storefrontPort,
      listenAddress: options.listenAddress,
      serviceUrl: service.url,
      ...{ jwtKey, feed, tickets, payments, replicas, outage },
    }),
  );
  return {
    storefrontUrl: storefront.url,
    serviceUrl: service.url,
    mongoUri,
    broker: stack.broker.description,
    tickets: await tickets.list(),
    ended: service.ended,
  };
}

/** Stops what was started, the last first. */
export async function stopAll(stops: (() => Promise<unknown>)[]): Promise<void> {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
}
