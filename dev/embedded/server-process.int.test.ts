import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from '../../tests/support/eventually.ts';
import type { ServerProcess, ServerProgram } from './server-process.ts';
import { startServerProcess } from './start-server-process.ts';

/** A server that counts its starts in its folder, and responds with the count. */
const counterSource = `
const fs = require('node:fs');
const [port, folder] = process.argv.slice(1);
const file = folder + '/starts';
const starts = (fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0) + 1;
fs.writeFileSync(file, String(starts));
require('node:http').createServer((_, response) => response.end(String(starts)))
  .listen(Number(port), '127.0.0.1', () => console.log('counter serves'));
`;

const counter: ServerProgram = {
  name: 'counter',
  command: process.execPath,
  args: ({ port, folder }) => ['-e', counterSource, String(port), folder],
  ready: /counter serves/,
  isServing: (port) =>
    ask(port).then(
      (answer) => answer !== '',
      () => false,
    ),
};

async function ask(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(500) });
  return response.text();
}

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: it has ended.
    return false;
  }
}

describe('When a server process', () => {
  let server: ServerProcess;
  beforeEach(async () => {
    server = await startServerProcess(counter);
  });
  afterEach(() => server.stop());

  test('is killed and restarted, then it is back on its port with its data', async () => {
    const { port, pid } = server;
    await server.kill('SIGKILL');
    expect(server.pid).toBeUndefined();
    await expect(ask(port)).rejects.toThrow();

    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    await expect(ask(port)).resolves.toBe('2');
  });

  test('is restarted while it runs, then the old process is gone', async () => {
    const { pid } = server;
    await server.restart();
    expect(isRunning(pid)).toBe(false);
    await expect(ask(server.port)).resolves.toBe('2');
  });

  test('is frozen, then it answers nothing until it is resumed', async () => {
    server.freeze();
    await expect(ask(server.port)).rejects.toThrow(/timeout/);
    server.resume();
    await expect(ask(server.port)).resolves.toBe('1');
  });

  test('is stopped while it is frozen, then no process, folder or listener is left', async () => {
    const listeners = process.listenerCount('exit');
    const { pid, folder } = server;
    server.freeze();
    await server.stop();
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    expect(process.listenerCount('exit')).toBe(listeners - 1);
    await expect(server.restart()).rejects.toThrow('stopped for good');
  });

  test('is stopped while it starts, then no process is left', async () => {
    await server.kill();
    const starting = server.restart();
    const stopped = server.stop();
    await expect(starting).rejects.toThrow();
    await stopped;
    expect(server.pid).toBeUndefined();
    expect(existsSync(server.folder)).toBe(false);
  });
});

test('When a program ends instead of serving, then the error shows what it said', async () => {
  const listeners = process.listenerCount('exit');
  const broken = { ...counter, args: () => ['-e', 'console.error("no such disk"); process.exit(3)'] };
  await expect(startServerProcess(broken)).rejects.toThrow(/counter ended \(exit code 3\):\nno such disk/);
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('When a program does not exist, then starting it is refused', async () => {
  await expect(startServerProcess({ ...counter, command: '/no/such/program' })).rejects.toThrow('ENOENT');
});

test('When another server has taken the port, then the next port is tried', async () => {
  const ports: number[] = [];
  const server = await startServerProcess({
    ...counter,
    args(location) {
      ports.push(location.port);
      const taken = 'console.error("bind: address already in use"); process.exit(1)';
      return ports.length === 1 ? ['-e', taken] : counter.args(location);
    },
  });
  expect(ports).toEqual([expect.any(Number), server.port]);
  await server.stop();
});

describe('When the process that started a server', () => {
  const program = JSON.stringify({ ...counter, ready: undefined });
  const parentSource = `
    import { startServerProcess } from '${pathToFileURL(resolve('dev/embedded/start-server-process.ts'))}';
    const server = await startServerProcess({
      ...${program},
      ready: /counter serves/,
      args: ({ port, folder }) => ['-e', ${JSON.stringify(counterSource)}, String(port), folder],
      isServing: async () => true,
    });
    server.freeze();
    process.stdin.once('data', (how) => {
      if (String(how) === 'throw') throw new Error('on purpose');
      process.exit(0);
    });
    console.log(JSON.stringify({ pid: server.pid, folder: server.folder }));
  `;

  test.concurrent.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'throw', 'exit'] as const)(
    'ends by %s, then the server and its folder go with it, even a frozen one',
    async (end) => {
      const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', parentSource], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const [line] = await once(parent.stdout, 'data');
      const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string };
      expect(isRunning(pid)).toBe(true);

      const ended = once(parent, 'exit');
      if (end === 'throw' || end === 'exit') parent.stdin.write(end);
      else parent.kill(end);
      await ended;
      await eventually(() => !isRunning(pid) && !existsSync(folder));
    },
  );
});
