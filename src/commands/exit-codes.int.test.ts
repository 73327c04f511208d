import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from '../../tests/support/at-end.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';

const config = testConfig();

/** A command that waits for a broker that is not there. */
function startWaiting(): { child: ChildProcess; problems: () => string; exitCode: Promise<unknown> } {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/commands/republish.ts', '--since', '2030-01-01T00:00:00Z', '--yes'],
    {
      env: {
        PATH: process.env['PATH'],
        MONGO_URI: config.mongoUri,
        NATS_URL: 'nats://127.0.0.1:9',
        NATS_CLUSTER_ID: config.nats.clusterId,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let problems = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problems += text;
  });
  const exitCode = once(child, 'close').then(([code]: unknown[]) => code);
  atEnd(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  return { child, problems: () => problems, exitCode };
}

const isWaiting = (problems: string) => problems.includes('no connection to the broker');

beforeAll(() => openDatabase(config));

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'When %s comes, then a command closes what it has opened and exits with %d',
  async (signal, code) => {
    const { child, problems, exitCode } = startWaiting();
    await eventually(() => isWaiting(problems()), { withinMs: 30_000 });
    child.kill(signal);
    expect(await exitCode).toBe(code);
    // The line about the broker, and nothing about an error.
    expect(problems().trim().split('\n')).toHaveLength(1);
  },
  40_000,
);

test('When the broker is not there within 5 s, then a command that needs it says so and exits with 1', async () => {
  const { problems, exitCode } = startWaiting();
  expect(await exitCode).toBe(1);
  expect(problems()).toContain('no connection to the broker within 5 s');
}, 40_000);
