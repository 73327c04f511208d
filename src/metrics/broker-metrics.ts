import { Gauge, type Registry } from 'prom-client';
import type { Broker } from '../messaging/broker.ts';
import { receivedSubjects } from './counted-subjects.ts';

/** A broker, and whether this process publishes nothing to it. */
type ObservedBroker = Pick<Broker, 'isConnected' | 'subscribedSince'> & { isPaused: boolean };

/** Whether this process has a connection to the broker, publishes to it, and has its subscriptions. */
export function brokerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    /** Registers the gauges of this broker. */
    observeBroker(broker: ObservedBroker): void {
      new Gauge({
        name: 'orders_broker_up',
        help: 'Whether there is a connection to the broker',
        registers,
        collect() {
          this.set(broker.isConnected() ? 1 : 0);
        },
      });
      new Gauge({
        name: 'orders_broker_paused',
        help: 'Whether this process publishes nothing, because of BROKER_PAUSED',
        registers,
      }).set(broker.isPaused ? 1 : 0);
      new Gauge({
        name: 'orders_subscription_up',
        help: 'Whether the broker delivers this subject to this process',
        labelNames: ['subject'],
        registers,
        collect() {
          for (const subject of receivedSubjects)
            this.set({ subject }, broker.subscribedSince(subject) ? 1 : 0);
        },
      });
    },
  };
}
