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

/** Ends one disturbance; those that are on beside it stay. */
export type Heal = () => Promise<unknown>;

/** A way to one or more servers that can be disturbed. */
export interface Link {
  cut(): Promise<Heal>;
  poison(toxic: Toxic, stream: 'upstream' | 'downstream'): Promise<Heal>;
}

/** Stands between a client and a server of this machine. */
export interface LinkProxy extends Link {
  /** Where the client connects to. */
  port: number;
  /** Lets nothing through either way. Connections stay open, and end when the link heals: what was sent meanwhile is lost. */
  silence(): Promise<Heal>;
}

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
  let count = 0;
  const poison: Link['poison'] = async ({ type, attributes }, stream) => {
    // The same fault may come by way of the client and of the server.
    const toxic = `${type}-${stream}-${++count}`;
    await call('POST', `${own}/toxics`, { name: toxic, type, stream, toxicity: 1, attributes });
    return () => call('DELETE', `${own}/toxics/${toxic}`);
  };
  const silent: Toxic = { type: 'timeout', attributes: { timeout: 0 } };
  return {
    port,
    poison,
    async cut() {
      await call('POST', own, { enabled: false });
      return () => call('POST', own, { enabled: true });
    },
    silence: () => together([poison(silent, 'upstream'), poison(silent, 'downstream')]),
  };
}

/** Several links that are disturbed at once, as those of one client to all servers of a cluster. */
export function asOneLink(links: readonly Link[]): Link {
  return {
    cut: () => together(links.map((link) => link.cut())),
    poison: (toxic, stream) => together(links.map((link) => link.poison(toxic, stream))),
  };
}

/** Resolves with what ends all of these disturbances. */
export async function together(disturbing: Promise<Heal>[]): Promise<Heal> {
  const heals = await Promise.all(disturbing);
  return () => Promise.all(heals.map((heal) => heal()));
}

async function call(method: string, url: string, body?: unknown): Promise<void> {
  const answer = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`toxiproxy: ${method} ${url}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
