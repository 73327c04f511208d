import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinds } from '../tests/conformance/broker-under-test.ts';
import { atEnd } from '../tests/support/at-end.ts';
import { eventually } from '../tests/support/eventually.ts';
import { signalGroup } from './embedded/signal-group.ts';

/** The demo as its user starts it, and what it has printed. */
function startDemo(
  [program, ...args]: [string, ...string[]] = ['node_modules/.bin/tsx', 'dev/index.ts'],
  variables: Record<string, string> = {},
): { child: ChildProcess; printed: () => string; ended: Promise<unknown[]> } {
  const { MONGO_URI: _, NATS_URL: __, JETSTREAM_URL: ___, ...environment } = process.env;
  const child = spawn(program, args, {
    env: { ...environment, PORT: '0', STOREFRONT_PORT: '0', ORDER_HOLD_SECONDS: '60', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = once(child, 'exit');
  atEnd(async () => {
    child.kill('SIGINT');
    await ended;
    // What npm may have left behind.
    signalGroup(child.pid, 'SIGKILL');
  });
  return { child, printed: () => output, ended };
}

function run(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    shell.once('error', reject);
    shell.once('close', () => resolve(output));
  });
}

test.each([
  ['NATS Streaming', {}],
  ['NATS JetStream', { BROKER: 'jetstream' }],
])(
  'When the demo is started on %s, then it prints the address of the shop and lines that work',
  async (broker, variables) => {
    const { child, printed, ended } = startDemo(undefined, variables);
    await eventually(() => /Ctrl-C stops everything/.test(printed()) && /-X PATCH/.test(printed()), {
      withinMs: 90_000,
    });

    expect(printed()).toMatch(new RegExp(`^using .* and ${broker}`, 'm'));
    expect(printed()).toContain(`The events go over ${broker}`);
    const [storefront = '', ...others] = printed().match(/^ {2}http:\/\/\S+$/gm) ?? [];
    expect(others).toEqual([]);
    const page = await fetch(storefront.trim());
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await page.text()).toContain('<h1>Tickets</h1>');

    // The key of its sessions is public. On Linux all of 127.0.0.0/8 is this machine.
    const service = /API of the orders service is (\S+)\/api\/orders/.exec(printed())?.[1] ?? '';
    for (const url of [storefront.trim(), service]) {
      expect((await fetch(url.replace('localhost', '127.0.0.1'))).status).toBeLessThan(500);
      await expect(fetch(url.replace('localhost', '127.0.0.2'))).rejects.toThrow('fetch failed');
    }

    const lines = printed().split('\n');
    const script = lines.filter((line) => /^ {2}(ADA=|BEN=|ORDER=|curl |export |npm run )/.test(line));
    const answers = await run(script.join('\n'));
    for (const expected of [
      /409 Conflict/,
      /Retry-After: [56]\d/,
      /"ticket_reserved"/,
      /"status":"cancelled"/,
      /order:cancelled/,
      /nothing to release/,
    ])
      expect(answers).toMatch(expected);

    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  },
  120_000,
);

test('When --peers is none that there are, then nothing is started, and the error says what is allowed', async () => {
  const { printed, ended } = startDemo(['node_modules/.bin/tsx', 'dev/index.ts', '--peers', 'modern']);
  expect(await ended).toEqual([1, null]);
  expect(printed()).toBe('--peers must be classic, or be left out, not "modern"\n');
});

test('When BROKER is none that there is, then nothing is started, and the error says what is allowed', async () => {
  const { printed, ended } = startDemo(undefined, { BROKER: 'kafka' });
  expect(await ended).toEqual([1, null]);
  expect(printed()).toContain('BROKER must be jetstream or nats-streaming (or be left out), not "kafka"\n');
});

test('When JETSTREAM_URL is the address of a server with a login, then service and stand-ins use that server', async () => {
  const { url } = await kinds.JetStream(['--user', 'shop', '--pass', 'a b/c']);
  const { printed } = startDemo(undefined, { JETSTREAM_URL: url.replace('//', '//shop:a%20b%2Fc@') });
  // It waits until the service has every ticket of the stand-in.
  await eventually(() => /Ctrl-C stops everything/.test(printed()), { withinMs: 90_000 });
  expect(printed()).toContain('The events go over the NATS server of JETSTREAM_URL.');
}, 120_000);

test('When npm gets a signal, then everything that the demo has started ends', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'orders-npm-run-dev-'));
  atEnd(async () => rmSync(temporary, { recursive: true, force: true }));
  const { child, printed, ended } = startDemo(['npm', 'run', 'dev'], { TMPDIR: temporary });
  await eventually(() => /Ctrl-C stops everything/.test(printed()), { withinMs: 90_000 });
  // Each server has its folder there, and a guard that removes it only when the server is gone.
  const folders = () => readdirSync(temporary).filter((name) => name.startsWith('orders-'));
  expect(folders().length).toBeGreaterThanOrEqual(3);

  child.kill('SIGTERM');
  await ended;
  await eventually(() => folders().length === 0, { withinMs: 20_000 });
}, 150_000);
