import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';

interface Answer {
  status: number;
  body: unknown;
}

interface Replica {
  url: string;
  agent: Agent;
  ready: boolean;
}

/** What an ingress does: spreads requests over the replicas that say they are ready, over connections that it keeps. */
export interface LoadBalancer {
  /** @throws when the connection fails; nothing is tried again */
  send(
    method: string,
    path: string,
    options: { headers: Record<string, string>; body?: string },
  ): Promise<Answer>;
  /** Resolves once the replica at this address is ready or not, as wanted. */
  seesReady(url: string, wanted: boolean): Promise<void>;
  stop(): Promise<void>;
}

const probeEveryMs = 100;

export function startLoadBalancer(urls: string[], connections: number): LoadBalancer {
  const replicas: Replica[] = urls.map((url) => ({
    url,
    agent: new Agent({ keepAlive: true, maxSockets: connections }),
    ready: false,
  }));
  let turn = 0;
  let stopped = false;

  async function probe(replica: Replica): Promise<void> {
    while (!stopped) {
      replica.ready = await fetch(`${replica.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      await delay(probeEveryMs);
    }
  }
  const probing = Promise.all(replicas.map(probe));

  return {
    send(method, path, { headers, body }) {
      const ready = replicas.filter((replica) => replica.ready);
      const replica = ready[turn++ % ready.length];
      if (!replica) throw new Error('no replica is ready');
      return send(replica, { method, path, headers, body });
    },
    seesReady: (url, wanted) =>
      eventually(() => replicas.find((replica) => replica.url === url)?.ready === wanted, {
        withinMs: 30_000,
      }),
    async stop() {
      stopped = true;
      await probing;
      for (const { agent } of replicas) agent.destroy();
    },
  };
}

interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

function send({ url, agent }: Replica, { method, path, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, agent, headers }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('error', reject);
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
