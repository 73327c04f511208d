import { runProgram } from '../support/run-program.ts';

test("When the OpenAPI document is linted by the linter's recommended rules, then there is not even a warning", async () => {
  const { exitCode, output } = await runProgram(['--import', 'tsx', 'tests/infra/lint-openapi.ts']);
  expect(output).toBe('0 problems\n');
  expect(exitCode).toBe(0);
}, 90_000);
