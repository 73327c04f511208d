import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathOf, textOf } from './repository.ts';

/** The tests that jest lists, by the configuration of `npm run test:mutants`. */
function listTests(...args: string[]): Set<string> {
  const jest = ['node_modules/jest/bin/jest.js', '--config', 'tests/mutants/jest.config.js', '--listTests'];
  const listed = execFileSync(process.execPath, [...jest, ...args], { cwd: pathOf('.'), encoding: 'utf8' });
  return new Set(listed.trim().split('\n'));
}

const changed = [...textOf('stryker.config.mjs').matchAll(/'(src\/\S+\.ts)'/g)].map(([, file = '']) => file);

test('When npm run test:mutants changes a file, then the file is there, and its unit test is among those that run', () => {
  expect(changed.length).toBeGreaterThan(10);
  expect(changed.filter((file) => !existsSync(pathOf(file)))).toEqual([]);
  const running = listTests();
  const beside = changed
    .map((file) => pathOf(file.replace(/\.ts$/, '.unit.test.ts')))
    .filter((test) => existsSync(test));
  expect(beside.length).toBeGreaterThan(5);
  expect(beside.filter((test) => !running.has(test))).toEqual([]);
});

test('When a test reaches the changed file by tests/support alone, then it is among those that are run over it', () => {
  const file = 'src/tickets/use-cases/drain-parked.ts';
  expect(listTests('--findRelatedTests', file)).toContain(pathOf(file.replace(/\.ts$/, '.unit.test.ts')));
});

test('When docs/mutants.md names a file, then it is one of those that are changed', () => {
  const rows = textOf('docs/mutants.md').matchAll(/^\|((?: `[\w-]+\.ts`,?)+) \|/gm);
  const named = [...rows].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !changed.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});
