import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface CrowdJob {
  url: string;
  /** What each connection sends, again and again, in turn from its own place on. */
  requests: CrowdRequest[];
  connections: number;
  seconds: number;
  /** What a buyer does who is told 503: waits as long as `Retry-After` says, or asks again at once. */
  whenRefused: 'wait' | 'ask again';
}

export interface CrowdRequest {
  path: string;
  cookie: string;
  body: string;
}

export interface CrowdResult {
  /** Answers a second, without those for overload. */
  letInPerSecond: number;
  overloadedPerSecond: number;
  /** Of those that were let in, in milliseconds. */
  p50: number;
  p99: number;
  /** How many answers had each status. */
  statuses: Record<number, number>;
  /** Connections that ended, or could not be made, by what happened to them. */
  ended: Record<string, number>;
}

/** Opened over so long at least, in milliseconds, as by people and not by one program. */
const openingMs = 2_000;

/**
 * A crowd of buyers, each on a connection of its own that is kept, who ask again as soon as they are answered. On bare
 * sockets: an HTTP client would take more of the machine than the service. What is counted begins once all
 * of them have been answered for the first time.
 */
export async function crowd({
  url,
  requests,
  connections,
  seconds,
  whenRefused,
}: CrowdJob): Promise<CrowdResult> {
  const { port, hostname, host } = new URL(url);
  const bytes = requests.map((request) => toBytes(request, host));
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  const answered = new Set<Socket>();
  let state: 'opening' | 'counting' | 'over' = 'opening';
  const ended: Record<string, number> = {};
  let next = 0;
  const sockets: Socket[] = [];

  function note(status: number, milliseconds: number): void {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status !== 503) latencies.push(milliseconds);
  }

  function open(): void {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.setNoDelay(true);
    let sentAt = 0;
    let received = '';
    const send = () => {
      sentAt = performance.now();
      socket.write(bytes[next++ % bytes.length] ?? '');
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const answer = readHead(received);
      if (!answer) return;
      received = '';
      answered.add(socket);
      if (state === 'counting') note(answer.status, performance.now() - sentAt);
      if (answer.status === 503 && whenRefused === 'wait') setTimeout(send, answer.retryAfterMs);
      else send();
    });
    let why = 'ended';
    socket.on('error', (error: NodeJS.ErrnoException) => (why = error.code ?? why));
    socket.on('close', () => (ended[why] = (ended[why] ?? 0) + 1));
  }

  const everyMs = 20;
  const each = Math.ceil((connections * everyMs) / openingMs);
  for (let opened = 0; opened < connections; opened += each) {
    for (let more = 0; more < Math.min(each, connections - opened); more++) open();
    await delay(everyMs);
  }
  // A connection that has ended will never be answered; that is a failure of its own.
  while (answered.size < connections && Object.keys(ended).length === 0) await delay(everyMs);
  state = 'counting';
  const began = performance.now();
  await delay(seconds * 1_000);
  state = 'over';
  const elapsed = (performance.now() - began) / 1_000;
  for (const socket of sockets) socket.removeAllListeners().destroy();
  latencies.sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.ceil(latencies.length * part) - 1] ?? 0;
  return {
    letInPerSecond: latencies.length / elapsed,
    overloadedPerSecond: (statuses[503] ?? 0) / elapsed,
    ...{ p50: at(0.5), p99: at(0.99), statuses, ended },
  };
}

function toBytes({ path, cookie, body }: CrowdRequest, host: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** The answer at the beginning of `text`, once all of it is there. */
function readHead(text: string): { status: number; retryAfterMs: number } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
  if (text.length < end + 4 + length) return undefined;
  const retryAfterMs = Number(/\r\nretry-after: (\d+)/i.exec(head)?.[1] ?? 0) * 1_000;
  return { status: Number(text.slice(9, 12)), retryAfterMs };
}
