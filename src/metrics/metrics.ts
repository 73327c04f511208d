import { Registry } from 'prom-client';
import { brokerMetrics } from './broker-metrics.ts';
import { poolMetrics } from './database-pool-metrics.ts';
import { httpMetrics } from './http-metrics.ts';
import { messageMetrics } from './message-metrics.ts';
import { orderMetrics } from './order-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { ticketMetrics } from './ticket-metrics.ts';

/**
 * The metrics of one service, in a separate registry, and the functions that its parts call to count something.
 * A write whose acknowledgement was lost may have happened; it is not counted.
 */
export function createMetrics() {
  const registry = new Registry();
  processMetrics(registry);
  return {
    registry,
    ...orderMetrics(registry),
    ...ticketMetrics(registry),
    ...brokerMetrics(registry),
    ...messageMetrics(registry),
    ...httpMetrics(registry),
    ...poolMetrics(registry),
  };
}
