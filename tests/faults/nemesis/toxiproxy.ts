import { join } from 'node:path';
import { buildOnce } from '../../../dev/embedded/cache.ts';
import type { Log } from '../../../dev/embedded/first-available.ts';
import { freePort } from '../../../dev/embedded/free-port.ts';
import { findProgram, runCommand } from '../../../dev/embedded/run-command.ts';
import { startServerProcess } from '../../../dev/embedded/start-server-process.ts';

const version = '2.12.0';
const requiredFile = join('bin', 'server');
const buildTimeoutMs = 5 * 60 * 1000;

/** https://github.com/Shopify/toxiproxy#toxics */
type Toxic =
  | { type: 'reset_peer'; attributes: { timeout: number } }
  | { type: 'timeout'; attributes: { timeout: number } }
  | { type: 'latency'; attributes: { latency: number; jitter: number } };

/** A way to one or more servers that can be disturbed. */
export interface Link {
  cut(): Promise<void>;
  poison(toxic: Toxic, stream: 'upstream' | 'downstream'): Promise<void>;
  /** Lets everything through again. */
  heal(): Promise<void>;
}

/** Stands between a client and a server of this machine. */
export interface LinkProxy extends Link {
  /** Where the client connects to. */
  port: number;
  /** Lets nothing through either way, and loses nothing: what was sent meanwhile arrives when the link heals. */
  hold(): Promise<void>;
}

/** Longer than any round. */
const heldMs = 24 * 60 * 60 * 1_000;

export interface Toxiproxy {
  connect(name: string, serverPort: number): Promise<LinkProxy>;
  stop(): Promise<void>;
}

/**
 * Starts toxiproxy, which is built with Go, once. Resolves with undefined where there is no Go.
 *
 * @throws when it cannot be built or started
 */
export async function startToxiproxy(log: Log): Promise<Toxiproxy | undefined> {
  const go = await findProgram('go');
  if (!go) return undefined;
  const folder = await buildOnce(
    {
      name: `toxiproxy-${version}-go`,
      requiredFile,
      async build(draft) {
        log(`building toxiproxy v${version} with go (some seconds, once)…`);
        await runCommand(go, ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@v${version}`], {
          timeoutMs: buildTimeoutMs,
          env: { GOBIN: join(draft, 'bin') },
        });
      },
    },
    log,
  );
  const server = await startServerProcess({
    name: 'toxiproxy',
    command: join(folder, requiredFile),
    args: ({ port }) => ['-host', '127.0.0.1', '-port', String(port)],
    ready: /Starting Toxiproxy HTTP server/i,
    isServing: (port) =>
      fetch(`http://127.0.0.1:${port}/version`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  const api = `http://127.0.0.1:${server.port}/proxies`;
  return { connect: (name, serverPort) => addProxy(api, name, serverPort), stop: () => server.stop() };
}

async function addProxy(api: string, name: string, serverPort: number): Promise<LinkProxy> {
  const port = await freePort();
  const upstream = `127.0.0.1:${serverPort}`;
  await call('POST', api, { name, listen: `127.0.0.1:${port}`, upstream, enabled: true });
  const own = `${api}/${name}`;
  let toxics: string[] = [];
  let count = 0;
  const poison: Link['poison'] = async ({ type, attributes }, stream) => {
    // The same fault may come by way of the client and of the server.
    const toxic = `${type}-${stream}-${++count}`;
    toxics.push(toxic);
    await call('POST', `${own}/toxics`, { name: toxic, type, stream, toxicity: 1, attributes });
  };
  return {
    port,
    poison,
    cut: () => call('POST', own, { enabled: false }),
    async hold() {
      const toxic: Toxic = { type: 'latency', attributes: { latency: heldMs, jitter: 0 } };
      await Promise.all([poison(toxic, 'upstream'), poison(toxic, 'downstream')]);
    },
    async heal() {
      const ended = toxics;
      toxics = [];
      await call('POST', own, { enabled: true });
      for (const toxic of ended) await call('DELETE', `${own}/toxics/${toxic}`);
    },
  };
}

/** Several links that are disturbed at once, as those of one client to all servers of a cluster. */
export function asOneLink(links: readonly Link[]): Link {
  const ofAll = async (disturb: (link: Link) => Promise<void>) => {
    await Promise.all(links.map(disturb));
  };
  return {
    cut: () => ofAll((link) => link.cut()),
    poison: (toxic, stream) => ofAll((link) => link.poison(toxic, stream)),
    heal: () => ofAll((link) => link.heal()),
  };
}

async function call(method: string, url: string, body?: unknown): Promise<void> {
  const answer = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`toxiproxy: ${method} ${url}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
