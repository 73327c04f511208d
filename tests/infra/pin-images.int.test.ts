import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { atEnd } from '../support/at-end.ts';
import { pathOf, textOf } from './repository.ts';

const pinnedFiles = [
  'Dockerfile',
  'compose.yaml',
  'infra/k8s/base/orders-mongo.yaml',
  'infra/k8s/base/nats.yaml',
  'infra/k8s/overlays/jetstream/jetstream.yaml',
  'infra/k8s/monitoring/nats-exporter.yaml',
  'infra/k8s/components/backup/backup.yaml',
  'infra/k8s/components/backup/restore.yaml',
];
const list = 'application/vnd.docker.distribution.manifest.list.v2+json';
const index = 'application/vnd.oci.image.index.v1+json';
const digestOf = (manifest: string) => `sha256:${createHash('sha256').update(manifest).digest('hex')}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-pin-images-'));
  for (const name of ['Dockerfile', 'compose.yaml', 'infra'])
    cpSync(pathOf(name), join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = (name: string) => readFileSync(join(folder, name), 'utf8');

type Answer = (asked: { host: string; req: IncomingMessage; res: ServerResponse }) => void;

/** Stands in for all registries, on the loopback: `host` is the one that was asked. Resolves with its port. */
async function startRegistries(answer: Answer): Promise<number> {
  const server = createServer((req, res) => answer({ host: String(req.headers['x-host']), req, res }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => server.close());
  return (server.address() as AddressInfo).port;
}

/** Runs it on the copy; whatever host it asks, the stand-in answers. */
async function pin(port: number) {
  const redirect = join(folder, 'redirect.mjs');
  writeFileSync(
    redirect,
    `const real = fetch;
     globalThis.fetch = (url, { headers, ...init }) => {
       const { protocol, host, pathname, search } = new URL(url);
       if (protocol !== 'https:') throw new Error('not encrypted');
       return real('http://127.0.0.1:${port}' + pathname + search, { ...init, headers: { ...headers, 'X-Host': host } });
     };`,
  );
  const args = ['--import', redirect, pathOf('infra/pin-images.mjs'), folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { status: status as number, stderr };
}

/** Quay wants no token. */
const isAllowed = (host: string, repository: string, { headers }: IncomingMessage) =>
  host === 'quay.io' || headers.authorization === `Bearer for repository:${repository}:pull`;
const isRegistry = (host: string) => ['registry-1.docker.io', 'quay.io'].includes(host);

/** As Docker Hub does it: an answer to a request without a token says where to get one. */
function dockerHub(manifestOf: (path: string) => string, type: string): Answer {
  return ({ host, req, res }) => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://x');
    const repository = /^\/v2\/(.+)\/manifests\/[^/]+$/.exec(pathname)?.[1];
    if (host === 'auth.docker.io') {
      const scope = searchParams.get('scope');
      const isKnown = pathname === '/token' && searchParams.get('service') === 'registry.docker.io';
      res.writeHead(isKnown ? 200 : 400).end(JSON.stringify({ token: `for ${scope}` }));
    } else if (!isRegistry(host) || repository === undefined) {
      res.writeHead(404).end();
    } else if (!isAllowed(host, repository, req)) {
      const parameters = `service="registry.docker.io",scope="repository:${repository}:pull"`;
      const challenge = `Bearer realm="https://auth.docker.io/token",${parameters}`;
      res.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    } else if (!req.headers.accept?.includes(type)) {
      // What a client cannot read is translated for it, and has another digest then.
      res
        .writeHead(200, { 'Content-Type': 'application/vnd.docker.distribution.manifest.v1+json' })
        .end('{}');
    } else {
      const manifest = manifestOf(pathname);
      const headers = { 'Content-Type': type, 'Docker-Content-Digest': digestOf(manifest) };
      res.writeHead(200, headers).end(manifest);
    }
  };
}

test.each([list, index])(
  'When the registry has a %s for each tag, then its digest stands beside the tag everywhere, and a new one replaces it',
  async (type) => {
    for (const release of ['first', 'second']) {
      const manifestOf = (path: string) => JSON.stringify({ path, release });
      expect(await pin(await startRegistries(dockerHub(manifestOf, type)))).toEqual({
        status: 0,
        stderr: '',
      });
      for (const file of pinnedFiles) {
        const images = [...now(file).matchAll(/^(?:FROM|\s+image:) (\S+:\S+)/gm)].map(
          ([, image]) => image ?? '',
        );
        const others = images.filter((image) => !image.startsWith('ticketing/'));
        expect(others.length).toBeGreaterThan(0);
        for (const image of others) {
          const [, name = '', tag, digest] = /^([\w./-]+):([\w.-]+)@(.+)$/.exec(image) ?? [];
          const repository = name.startsWith('quay.io/') ? name.slice('quay.io/'.length) : `library/${name}`;
          expect(digest).toBe(digestOf(manifestOf(`/v2/${repository}/manifests/${tag}`)));
        }
      }
    }
    expect(now('compose.yaml')).toContain('image: ticketing/orders:local\n');
  },
);

test('When images are of a registry of their own, then that one is asked, whatever it calls its tokens', async () => {
  for (const file of pinnedFiles)
    writeFileSync(
      join(folder, file),
      now(file).replace(
        /^(FROM |\s+image: )(?:quay\.io\/\w+\/)?(?=(?:node|mongo|nats|nats-streaming|json-exporter):)/gm,
        '$1registry.example.com:5000/team/',
      ),
    );
  const asked = new Set<string>();
  const port = await startRegistries(({ host, req, res }) => {
    asked.add(`${host} ${req.url?.replace(/\/[^/]+\/manifests\/.*/, '')}`);
    if (req.url?.startsWith('/token')) res.end(JSON.stringify({ access_token: 'taken' }));
    else if (req.headers.authorization !== 'Bearer taken')
      res
        .writeHead(401, { 'www-authenticate': 'bearer realm="https://registry.example.com:5000/token"' })
        .end();
    else res.setHeader('Content-Type', `${index}; charset=utf-8`).end('{}');
  });
  expect((await pin(port)).status).toBe(0);
  expect(asked).toEqual(new Set(['registry.example.com:5000 /v2/team', 'registry.example.com:5000 /token']));
  expect(now('compose.yaml')).toMatch(
    new RegExp(`image: registry\\.example\\.com:5000/team/mongo:[\\d.]+@${digestOf('{}')}\n`),
  );
});

const withManifest: Answer = ({ res }) => res.setHeader('Content-Type', index).end('{}');

test.each<[string, string, Answer]>([
  ['is not there', 'was not reached', ({ req }) => req.socket.destroy()],
  ['refuses', 'refuses (403)', ({ res }) => res.writeHead(403).end()],
  [
    'wants a password',
    'wants a login',
    ({ res }) => res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="images"' }).end(),
  ],
  [
    'gives no token',
    'gives no token (429)',
    (asked) =>
      asked.host === 'auth.docker.io' ? asked.res.writeHead(429).end() : dockerHub(() => '{}', index)(asked),
  ],
  [
    'takes no token',
    'refuses (401)',
    ({ host, res }) =>
      host === 'auth.docker.io'
        ? res.end('{"token":"x"}')
        : res.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="https://auth.docker.io/token"' }).end(),
  ],
  [
    'has a page in front of it',
    'no manifest',
    ({ res }) => res.setHeader('Content-Type', 'text/html').end('<p>'),
  ],
  [
    'names a digest that its bytes have not',
    'another digest',
    ({ res }) =>
      res.setHeader('Content-Type', index).setHeader('Docker-Content-Digest', digestOf('other')).end('{}'),
  ],
  // What is known of the others is of no use then.
  [
    'lacks one of the images',
    'nats-streaming:0.25.6: the registry refuses (404)',
    (asked) => (asked.req.url?.includes('nats') ? asked.res.writeHead(404).end() : withManifest(asked)),
  ],
])(
  'When the registry %s, then it says so and exits with 1, and no file is changed',
  async (_, word, answer) => {
    const { status, stderr } = await pin(await startRegistries(answer));
    expect(stderr).toContain('nothing is pinned, the tags stay');
    expect(stderr).toContain(word);
    expect(status).toBe(1);
    for (const file of pinnedFiles) expect(now(file)).toBe(textOf(file));
  },
);
