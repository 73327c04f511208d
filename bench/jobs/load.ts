import autocannon, { type Request } from 'autocannon';
import { percentile } from '../report/quantiles.ts';

export interface LoadJob {
  url: string;
  /** How many requests are in flight at any time, each on a connection of its own. */
  inFlight: number;
  requests: LoadRequest[];
}

export interface LoadRequest {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  cookie: string;
  /** The idempotency key, if any. */
  key?: string;
  body?: string;
}

export interface LoadResult {
  perSecond: number;
  /** In milliseconds. */
  p50: number;
  p99: number;
  /** How many responses had each status. */
  statuses: Record<number, number>;
}

/**
 * Sends every request once, by autocannon, and resolves when all are answered. Latencies are taken from its events: its
 * own summary has whole milliseconds only.
 */
export function load({ url, inFlight, requests }: LoadJob): Promise<LoadResult> {
  const shares = deal(requests.map(toRequest), inFlight);
  return new Promise((resolve, reject) => {
    let next = 0;
    const latencies: number[] = [];
    const statuses: Record<number, number> = {};
    const run = autocannon(
      {
        url,
        connections: inFlight,
        amount: requests.length,
        timeout: 60,
        // All are built before the first is sent.
        setupClient: (client) => client.setRequests(shares[next++] ?? []),
      },
      (error, { errors, timeouts }) => {
        if (error) reject(error);
        else if (errors + timeouts > 0) reject(new Error(`${errors} errors, ${timeouts} time-outs`));
      },
    );
    const began = performance.now();
    run.on('response', (_client, status, _bytes, milliseconds) => {
      latencies.push(milliseconds);
      statuses[status] = (statuses[status] ?? 0) + 1;
      // Its own end comes with the next full second.
      if (latencies.length < requests.length) return;
      const perSecond = (1_000 * latencies.length) / (performance.now() - began);
      latencies.sort((a, b) => a - b);
      resolve({ perSecond, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), statuses });
    });
  });
}

/** The requests of each connection, in turn, as autocannon divides their number. */
function deal(requests: Request[], connections: number): Request[][] {
  return Array.from({ length: connections }, (_, connection) =>
    requests.filter((_request, index) => index % connections === connection),
  );
}

function toRequest({ method, path, cookie, key, body }: LoadRequest): Request {
  const headers = {
    cookie,
    ...(key !== undefined && { 'idempotency-key': key }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  return { method, path, headers, ...(body !== undefined && { body }) };
}
