import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../report/quantiles.ts';
import { openCrowdConnection } from './crowd-connection.ts';

export interface CrowdJob {
  url: string;
  /** The connections send these again and again, in turn. */
  requests: CrowdRequest[];
  connections: number;
  seconds: number;
  /** What a buyer does after a 503: waits as long as `Retry-After` says, or asks again at once. */
  whenRefused: 'wait' | 'ask again';
}

interface CrowdRequest {
  path: string;
  cookie: string;
  body: string;
}

export interface CrowdResult {
  /** Responses a second, without those for overload. */
  admittedPerSecond: number;
  overloadedPerSecond: number;
  /** Of the admitted requests, in milliseconds. */
  p50: number;
  p99: number;
  /** How many responses had each status. */
  statuses: Record<number, number>;
  /** Connections that ended, or could not be made, by the reason. */
  ended: Record<string, number>;
}

/** The connections are opened over this time, as by people and not by one program. */
const openingMs = 2_000;
const openEveryMs = 20;

/**
 * A crowd of buyers, each on a keep-alive connection of its own, who send their next request as soon as they have a
 * response. An HTTP client would take more of the machine than the service, so these are bare sockets. Responses are
 * counted once every buyer has had the first one.
 */
export async function crowd(job: CrowdJob): Promise<CrowdResult> {
  const { requests, connections, seconds, whenRefused } = job;
  const { port, hostname, host } = new URL(job.url);
  const bytes = requests.map((request) => toBytes(request, host));
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  const ended: Record<string, number> = {};
  const answered = new Set<Socket>();
  const sockets: Socket[] = [];
  let next = 0;
  let phase: 'opening' | 'counting' | 'over' = 'opening';

  const open = () =>
    openCrowdConnection({
      host: hostname,
      port: Number(port),
      nextRequest: () => bytes[next++ % bytes.length] ?? Buffer.alloc(0),
      whenRefused,
      onResponse(socket, status, milliseconds) {
        answered.add(socket);
        if (phase !== 'counting') return;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status !== 503) latencies.push(milliseconds);
      },
      onClose: (reason) => (ended[reason] = (ended[reason] ?? 0) + 1),
    });

  const openAtOnce = Math.ceil((connections * openEveryMs) / openingMs);
  while (sockets.length < connections) {
    const count = Math.min(openAtOnce, connections - sockets.length);
    sockets.push(...Array.from({ length: count }, open));
    await delay(openEveryMs);
  }
  // A connection that has ended will never be answered; the result shows it.
  while (answered.size < connections && Object.keys(ended).length === 0) await delay(openEveryMs);
  phase = 'counting';
  const began = performance.now();
  await delay(seconds * 1_000);
  phase = 'over';
  const elapsed = (performance.now() - began) / 1_000;
  for (const socket of sockets) socket.removeAllListeners().destroy();
  latencies.sort((a, b) => a - b);
  return {
    admittedPerSecond: latencies.length / elapsed,
    overloadedPerSecond: (statuses[503] ?? 0) / elapsed,
    ...{ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), statuses, ended },
  };
}

function toBytes({ path, cookie, body }: CrowdRequest, host: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
