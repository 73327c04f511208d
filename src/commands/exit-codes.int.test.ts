import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from '../../tests/support/at-end.ts';
import { newId } from '../../tests/support/buyer.ts';
import {
  commandLine,
  commandVariables,
  type RunningCommand,
  runUnread,
  startCommand,
} from '../../tests/support/command-run.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';

const config = testConfig();

/** A command that waits for a broker that is not there. */
function startWaiting(): RunningCommand {
  const variables = { ...commandVariables(config), NATS_URL: 'nats://127.0.0.1:9' };
  return startCommand(variables, 'republish', '--since', '2030-01-01T00:00:00Z', '--yes');
}

const isWaiting = (problems: string) => problems.includes('no connection to the broker');

beforeAll(() => openDatabase(config));

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'When %s comes, then a command closes what it has opened and exits with %d',
  async (signal, code) => {
    const { kill, problems, ended } = startWaiting();
    await eventually(() => isWaiting(problems()), { withinMs: 30_000 });
    kill(signal);
    expect((await ended).status).toBe(code);
    // The line about the broker, and nothing about an error.
    expect(problems().trim().split('\n')).toHaveLength(1);
  },
  40_000,
);

test('When the broker is not there within 5 s, then a command that needs it says so and exits with 1', async () => {
  const { problems, ended } = startWaiting();
  expect((await ended).status).toBe(1);
  expect(problems()).toContain('no connection to the broker within 5 s');
}, 40_000);

test('When SIGTERM comes while a command waits for its standard input, then it exits with 143', async () => {
  const child = spawn(process.execPath, commandLine('orders', 'withdraw', '--from-file', '-'), {
    env: { PATH: process.env['PATH'], ...commandVariables(config) },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  atEnd(async () => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  // More than the pipe takes: when all is written, the command reads.
  await new Promise<void>((resolve) => child.stdin.write('#\n'.repeat(1_000_000), () => resolve()));
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await eventually(() => child.exitCode !== null, { withinMs: 20_000 });
  expect(await exited).toEqual([143, null]);
}, 60_000);

test.each([
  ['dead-letters', 'discard', newId()],
  ['tickets', 'reset', newId(), '--to-version', '7', '--reason', 'r', '--yes'],
  ['refunds', 'done', newId(), 'pay', '--note', 'by hand', '--yes'],
  ['orders', 'withdraw', '--ticket', newId()],
])(
  'When nobody reads that %s %s has failed, then the exit code says so',
  async (...args) => {
    const [command, ...more] = args as [string, ...string[]];
    expect(await runUnread(commandVariables(config), command, ...more)).toBe(1);
  },
  60_000,
);
