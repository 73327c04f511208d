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

/** Stands between a client and a server of this machine. */
export interface LinkProxy {
  /** Where the client connects to. */
  port: number;
  cut(): Promise<void>;
  poison(toxic: Toxic, stream: 'upstream' | 'downstream'): Promise<void>;
  /** Lets everything through again. */
  heal(): Promise<void>;
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
  let toxics: string[] = [];
  return {
    port,
    cut: () => call('POST', own, { enabled: false }),
    async poison({ type, attributes }, stream) {
      toxics.push(type);
      await call('POST', `${own}/toxics`, { name: type, type, stream, toxicity: 1, attributes });
    },
    async heal() {
      await call('POST', own, { enabled: true });
      for (const toxic of toxics) await call('DELETE', `${own}/toxics/${toxic}`);
      toxics = [];
    },
  };
}

async function call(method: string, url: string, body?: unknown): Promise<void> {
  const answer = await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`toxiproxy: ${method} ${url}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
