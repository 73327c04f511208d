import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerAddress } from './embedded-server.ts';
import type { Log } from './first-available.ts';
import { startNatsServer } from './nats-server.ts';
import { startNatsStreaming } from './nats-streaming.ts';
import { findProgram, runCommand } from './run-command.ts';

/** Every way to a server, tried with stand-ins for the programs that each needs, and a cache of its own. */

const changed = ['PATH', 'ORDERS_DEV_CACHE', 'NATS_URL', 'JETSTREAM_URL'] as const;
const before = changed.map((name) => [name, process.env[name]] as const);
const log = jest.fn<void, [string]>();
let folder: string;
/** All that is on the PATH. */
let programs: string;
let started: ServerAddress | undefined;

/** Where the release and its sums are; nothing is there unless a test puts it there. */
let published: Record<string, Buffer | string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-ways-test-'));
  programs = join(folder, 'programs');
  await mkdir(programs);
  for (const name of changed) delete process.env[name];
  process.env['ORDERS_DEV_CACHE'] = join(folder, 'cache');
  const originalPath = before.find(([name]) => name === 'PATH')?.[1] ?? '';
  for (const name of ['tar', 'gzip']) {
    process.env['PATH'] = originalPath;
    await symlink((await findProgram(name)) ?? name, join(programs, name));
  }
  process.env['PATH'] = programs;
  published = {};
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    const file = published[String(url).split('/').at(-1) ?? ''];
    return file === undefined
      ? new Response('', { status: 404 })
      : new Response(new Uint8Array(Buffer.from(file)));
  });
  log.mockClear();
});

afterEach(async () => {
  await started?.stop();
  started = undefined;
  jest.restoreAllMocks();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(folder, { recursive: true });
});

/** A program that greets as a NATS server does. In the container it listens where docker would have put it. */
const server = (port: string) => `
  require('net').createServer((socket) => socket.end('INFO {}\\r\\n')).listen(${port}, '127.0.0.1', () =>
    console.log('Streaming Server is ready. Server is ready'));`;
const ownPort = 'Number(process.argv[process.argv.indexOf("-p") + 1])';

/** Writes down its arguments, then does what `script` says. */
function program(name: string, script: string): string {
  const record = `require('fs').appendFileSync(${JSON.stringify(join(folder, `${name}.log`))}, process.argv.slice(2).join(' ') + '\\n');`;
  return `#!${process.execPath}\n${record}\n${script}`;
}

async function install(name: string, script: string): Promise<void> {
  await writeFile(join(programs, name), program(name, script));
  await chmod(join(programs, name), 0o755);
}

const callsOf = async (name: string) =>
  (await readFile(join(folder, `${name}.log`), 'utf8')).trim().split('\n');

/** Puts a program where `go install` would. */
const fakeGo = (name: string) => `
  const file = require('path').join(process.env.GOBIN, ${JSON.stringify(name)});
  require('fs').mkdirSync(process.env.GOBIN, { recursive: true });
  require('fs').writeFileSync(file, ${JSON.stringify(program(name, server(ownPort)))}, { mode: 0o755 });`;

/** `run` publishes the port as `-p 127.0.0.1:<port>:4222`. */
const fakeDocker = `
  if (process.argv[2] === 'run') {
    const [, port] = process.argv[process.argv.indexOf('-p') + 1].split(':');
    ${server('Number(port)')}
  }`;

const brokers: [string, Broker][] = [
  [
    'JetStream',
    {
      name: 'nats-server',
      start: (onLog) => startNatsServer({ log: onLog }),
      title: 'NATS JetStream',
      version: '2.15.2',
      module: 'github.com/nats-io/nats-server/v2@v2.15.2',
      image: 'nats:2.15.2',
      options: '-js -sd /data/jetstream',
      advice: 'install go, docker or nats-server, or set JETSTREAM_URL',
    },
  ],
  [
    'NATS Streaming',
    {
      name: 'nats-streaming-server',
      start: (onLog) => startNatsStreaming({ log: onLog }),
      title: 'NATS Streaming',
      version: '0.25.6',
      module: 'github.com/nats-io/nats-streaming-server@v0.25.6',
      image: 'nats-streaming:0.25.6',
      options: '-cid ticketing -st FILE --dir /data',
      advice: 'install go, docker or nats-streaming-server, or set NATS_URL and NATS_CLUSTER_ID',
    },
  ],
];

interface Broker {
  name: string;
  start(onLog: Log): Promise<ServerAddress>;
  title: string;
  version: string;
  module: string;
  image: string;
  options: string;
  advice: string;
}

describe.each(brokers)('When a server for %s is needed', (_, broker) => {
  const { name, title, version } = broker;
  const start = async () => {
    started = await broker.start(log);
    return started;
  };

  test('and one is installed, then it is used, and nothing is built or downloaded', async () => {
    await install(name, server(ownPort));
    await install('go', fakeGo(name));
    expect((await start()).description).toBe(`${title} (installed)`);
    expect(log).not.toHaveBeenCalled();
  });

  test('and there is Go, then it is built once, and taken from the cache after that', async () => {
    await install('go', fakeGo(name));
    expect((await start()).description).toBe(`${title} ${version} (built with go)`);
    expect(started?.server).toBeDefined();
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^building .* with go .*once/)]]);
    await started?.stop();
    expect((await start()).description).toBe(`${title} ${version} (built with go)`);
    expect(await callsOf('go')).toEqual([`install ${broker.module}`]);
  });

  test('and Go cannot build it and no release can be had, then it runs in a container, without a way to kill it', async () => {
    await install('go', 'process.exit(1)');
    await install('docker', fakeDocker);
    const { description, server: killable } = await start();
    expect([description, killable]).toEqual([`${title} ${version} (docker)`, undefined]);
    const [, pull, run] = await callsOf('docker');
    expect(pull).toBe(`pull ${broker.image}`);
    expect(run).toMatch(
      new RegExp(`^run --rm --name \\S+ -p 127.0.0.1:\\d+:4222 ${broker.image} -p 4222 ${broker.options}`),
    );
    // Each that was there and failed.
    expect(log).toHaveBeenCalledWith(
      expect.stringMatching(/built with go\) cannot be used, trying the next/),
    );
    expect(log).toHaveBeenCalledWith(expect.stringMatching(/release\) cannot be used.*: status 404$/));
  });

  test('and there is nothing at all, then the error says what to install, and why each way failed', async () => {
    const failing = start();
    await expect(failing).rejects.toThrow(broker.advice);
    await expect(failing).rejects.toThrow(
      new RegExp(
        [`no ${name} on the PATH`, 'no go on the PATH', 'status 404', 'no docker on the PATH'].join('[^]*'),
      ),
    );
    // The next start loses no time on it.
    await expect(start()).rejects.toThrow('status 404 (remembered for a day');
  });
});

describe('When the release of the server with JetStream is downloaded', () => {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const directory = `nats-server-v2.15.2-${platform}`;

  async function packRelease(): Promise<Buffer> {
    const packed = join(folder, 'packed');
    await mkdir(join(packed, directory), { recursive: true });
    await writeFile(join(packed, directory, 'nats-server'), program('nats-server', server(ownPort)), {
      mode: 0o755,
    });
    const archive = join(folder, 'archive');
    await runCommand('tar', ['-czf', archive, '-C', packed, directory], { timeoutMs: 5_000 });
    return readFile(archive);
  }

  test('and has the published sum, then it is started', async () => {
    const archive = await packRelease();
    const sum = createHash('sha256').update(archive).digest('hex');
    published = { SHA256SUMS: `${sum}  ${directory}.tar.gz\n`, [`${directory}.tar.gz`]: archive };
    started = await startNatsServer({ log });
    expect(started.description).toBe('NATS JetStream 2.15.2 (release)');
    expect(await callsOf('nats-server')).toEqual([expect.stringMatching(/^-a 127.0.0.1 -p \d+ -js -sd /)]);
  });

  test('and has another sum, then it is never started', async () => {
    const sums = `${'0'.repeat(64)}  ${directory}.tar.gz\n`;
    published = { SHA256SUMS: sums, [`${directory}.tar.gz`]: await packRelease() };
    await expect(startNatsServer({ log })).rejects.toThrow(/has the SHA-256 [0-9a-f]{64}, expected 0000/);
  });
});
