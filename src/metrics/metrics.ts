import { collectDefaultMetrics, Registry } from 'prom-client';
import { httpMetrics } from './http-metrics.ts';
import { messageMetrics } from './message-metrics.ts';
import { orderMetrics } from './order-metrics.ts';
import { poolMetrics } from './pool-metrics.ts';

/**
 * The metrics of one service, in a registry of its own, and the functions that its parts tell what happens. A write
 * whose acknowledgement was lost may have happened; it is not counted.
 */
export function createMetrics() {
  const registry = new Registry();
  // The process's own, the lag of its event loop among them.
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...orderMetrics(registry),
    ...messageMetrics(registry),
    ...httpMetrics(registry),
    ...poolMetrics(registry),
  };
}
