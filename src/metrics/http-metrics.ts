import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RequestSeen } from '../platform/http/request-log.ts';
import type { HttpServer } from '../platform/http/server.ts';

/** The methods of routes, and others that clients often send. All others share the label `other`. */
const labelledMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Requests and connections. The number of labels is bounded: no path and no method that a client has invented. */
export function httpMetrics(registry: Registry) {
  const registers = [registry];
  const duration = new Histogram({
    name: 'orders_http_request_duration_seconds',
    help: 'Time to answer a request, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const overloaded = new Counter({
    name: 'orders_requests_overloaded_total',
    help: 'Requests refused unread, since as many were in flight as the process takes',
    registers,
  });
  const dropped = new Counter({
    name: 'orders_connections_dropped_total',
    help: 'Connections closed at once, since as many were open as the process takes',
    registers,
  });
  return {
    onRequest({ method, route, status, seconds }: RequestSeen) {
      duration.observe({ ...labelsOf(method, route), status }, seconds);
    },
    onOverloaded: () => overloaded.inc(),
    onConnectionDropped: () => dropped.inc(),
    /** Registers the gauges of this server's requests and connections. */
    observeServer(server: Pick<HttpServer, 'requestsInFlight' | 'connections'>): void {
      new Gauge({
        name: 'orders_requests_in_flight',
        help: 'Requests that are being answered',
        registers,
        collect() {
          this.set(server.requestsInFlight());
        },
      });
      new Gauge({
        name: 'orders_http_connections',
        help: 'Open connections of clients',
        registers,
        collect() {
          this.set(server.connections());
        },
      });
    },
  };
}

function labelsOf(method: string, route: string | undefined) {
  if (route === undefined) return { method: 'any', route: 'unknown' };
  return { method: labelledMethods.includes(method) ? method : 'other', route };
}
