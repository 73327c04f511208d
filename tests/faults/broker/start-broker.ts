import type { RoundBrokerKind } from '../options.ts';
import { startCluster } from './broker-cluster.ts';
import { startOneBroker } from './one-broker.ts';
import type { BrokerOptions, RoundBroker } from './round-broker.ts';

/** @throws when it does not start; what had been started is stopped then */
export function startBroker(kind: RoundBrokerKind, options: BrokerOptions): Promise<RoundBroker> {
  return kind === 'jetstream-cluster' ? startCluster(options) : startOneBroker(kind, options);
}
