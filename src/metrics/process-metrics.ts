import { getHeapStatistics } from 'node:v8';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** The process's own: CPU, memory, the lag of its event loop, and how large its heap may become. */
export function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'orders_heap_limit_bytes',
    help: 'The size at which the heap is full and the process dies (nodejs_heap_size_used_bytes is what it has)',
    registers: [registry],
    // Fixed at the start, by Node or by --max-old-space-size and three times --max-semi-space-size.
  }).set(getHeapStatistics().heap_size_limit);
}
