import { Agent, request as httpRequest } from 'node:http';

/** A request whose path may name the order of the answer before it in its chain, as `:id`. */
export interface Step {
  url: string;
  method: 'POST' | 'PATCH';
  path: string;
  cookie: string;
  body: string;
}

export interface AnswersJob {
  /** How many chains are under way at any time; the steps of one follow each other. */
  inFlight: number;
  chains: Step[][];
}

/** An event that is to come, and when the request that caused it was answered (milliseconds since 1970). */
export type Announced = [eventId: string, at: number];

interface OrderAnswer {
  id: string;
  version: number;
}

/** Sends all chains, and resolves with the events of which their answers tell. @throws when one is refused */
export async function answers({ inFlight, chains }: AnswersJob): Promise<Announced[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight, scheduling: 'fifo' });
  const announced: Announced[] = [];
  let next = 0;
  const lane = async () => {
    for (let chain = chains[next++]; chain; chain = chains[next++]) {
      let id = '';
      for (const step of chain) {
        const order = await send(agent, { ...step, path: step.path.replace(':id', id) });
        announced.push([`${order.id}:${order.version}`, now()]);
        id = order.id;
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  agent.destroy();
  return announced;
}

export const now = () => performance.timeOrigin + performance.now();

function send(agent: Agent, { url, path, method, cookie, body }: Step): Promise<OrderAnswer> {
  const headers = { cookie, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}${path}`, { agent, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text) as OrderAnswer);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
