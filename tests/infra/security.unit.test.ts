import { existsSync } from 'node:fs';
import { knownVariables } from './configuration.ts';
import { pathOf, textOf } from './repository.ts';

const text = textOf('SECURITY.md');
const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, words]) => words ?? '');

test('When SECURITY.md names a test, then there is one', () => {
  const tests = quoted.filter((words) => words.endsWith('.test.ts'));
  expect(tests.length).toBeGreaterThan(10);
  expect(tests.filter((path) => !existsSync(pathOf(path)))).toEqual([]);
});

test('When SECURITY.md names a setting, then the service knows it', () => {
  const settings = quoted.filter((words) => /^[A-Z][A-Z_]+$/.test(words));
  expect(settings.length).toBeGreaterThan(5);
  expect(settings.filter((name) => !knownVariables.includes(name))).toEqual([]);
});

test('When SECURITY.md says what the service promises, then each row but that of input names its test', () => {
  const [, promises = ''] = text.split('## What the service promises');
  const rows = promises
    .slice(0, promises.indexOf('\n## '))
    .split('\n')
    .filter((line) => /^\| [a-z]/.test(line));
  const withoutTest = rows.filter(
    (row) => !/^\| (boundary|input) \|/.test(row) && !row.includes('.test.ts`'),
  );
  expect(rows.length).toBeGreaterThan(8);
  expect(withoutTest).toEqual([]);
});
