import { Histogram, type Registry } from 'prom-client';
import type { RequestSeen } from '../http/request-log.ts';

/** How requests are answered. The labels are bounded: no path and no method that a client has made up. */
export function httpMetrics(registry: Registry) {
  const duration = new Histogram({
    name: 'orders_http_request_duration_seconds',
    help: 'Time to answer a request, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return {
    onRequest({ method, route, status, seconds }: RequestSeen) {
      const known = route === undefined ? { method: 'any', route: 'unknown' } : { method, route };
      duration.observe({ ...known, status }, seconds);
    },
  };
}
