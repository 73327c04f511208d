import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathOf, textOf } from './repository.ts';

const changed = [...textOf('stryker.config.mjs').matchAll(/'(src\/\S+\.ts)'/g)].map(([, file = '']) => file);

test('When npm run test:mutants changes a file, then the file is there, and its unit test is among those that run', () => {
  expect(changed.length).toBeGreaterThan(10);
  expect(changed.filter((file) => !existsSync(pathOf(file)))).toEqual([]);
  const args = ['node_modules/jest/bin/jest.js', '--config', 'tests/mutants/jest.config.js', '--listTests'];
  const listed = execFileSync(process.execPath, args, { cwd: pathOf('.'), encoding: 'utf8' });
  const running = new Set(listed.trim().split('\n'));
  const beside = changed
    .map((file) => pathOf(file.replace(/\.ts$/, '.unit.test.ts')))
    .filter((test) => existsSync(test));
  expect(beside.length).toBeGreaterThan(5);
  expect(beside.filter((test) => !running.has(test))).toEqual([]);
});

test('When docs/mutants.md names a file, then it is one of those that are changed', () => {
  const rows = textOf('docs/mutants.md').matchAll(/^\|((?: `[\w-]+\.ts`,?)+) \|/gm);
  const named = [...rows].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !changed.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});
