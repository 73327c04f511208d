import { commandVariables, type RunningCommand, startCommand } from '../../tests/support/command-run.ts';
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
