import { Gauge, Histogram, type Registry } from 'prom-client';
import type { ConnectionPool } from '../platform/mongo/connection-pool.ts';

/** The connections to the database, as they are when the metrics are read, and how long operations wait for one. */
export function poolMetrics(registry: Registry) {
  const registers = [registry];
  const waitTime = new Histogram({
    name: 'orders_database_pool_wait_seconds',
    help: 'Time that an operation has waited for a connection to the database',
    buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2],
    registers,
  });
  return {
    onCheckOut: (seconds: number) => waitTime.observe(seconds),
    /** Registers the gauges of this pool. */
    observePool(pool: ConnectionPool): void {
      new Gauge({
        name: 'orders_database_pool_connections',
        help: 'Connections to the database: all that are open, and those in use',
        labelNames: ['state'],
        registers,
        collect() {
          this.set({ state: 'open' }, pool.size());
          this.set({ state: 'in_use' }, pool.inUse());
        },
      });
      new Gauge({
        name: 'orders_database_pool_waiting',
        help: 'Operations that wait for a connection to the database',
        registers,
        collect() {
          this.set(pool.waiting());
        },
      });
    },
  };
}
