import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request. In its path `:id` stands for the order of the response before it in its chain. */
export interface Step {
  url: string;
  method: 'POST' | 'PATCH';
  path: string;
  cookie: string;
  body: string;
}

export interface OrderChainsJob {
  /** How many chains are in flight at any time; the steps of a chain follow each other. */
  inFlight: number;
  chains: Step[][];
  /** How many chains begin in a second; undefined: as many as are done. */
  perSecond?: number;
}

/** An event that must come, and when the request that caused it was answered (milliseconds since 1970). */
export type ExpectedEvent = [eventId: string, at: number];

interface OrderBody {
  id: string;
  version: number;
}

/** Sends all chains, and resolves with the events that their responses promise. @throws when a request is refused */
export async function sendOrderChains({
  inFlight,
  chains,
  perSecond = Number.POSITIVE_INFINITY,
}: OrderChainsJob): Promise<ExpectedEvent[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight, scheduling: 'fifo' });
  const expected: ExpectedEvent[] = [];
  const started = performance.now();
  let next = 0;
  const runChains = async () => {
    for (let index = next++, chain = chains[index]; chain; index = next++, chain = chains[index]) {
      const earlyMs = started + (1_000 * index) / perSecond - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      let id = '';
      for (const step of chain) {
        const order = await send(agent, { ...step, path: step.path.replace(':id', id) });
        expected.push([`${order.id}:${order.version}`, now()]);
        id = order.id;
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, runChains));
  agent.destroy();
  return expected;
}

/** Milliseconds since 1970, with fractions; the same in all processes of the machine. */
export const now = () => performance.timeOrigin + performance.now();

function send(agent: Agent, { url, path, method, cookie, body }: Step): Promise<OrderBody> {
  const headers = { cookie, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}${path}`, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text) as OrderBody);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
