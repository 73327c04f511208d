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

function rowsOf(heading: string): string[] {
  const [, section = ''] = text.split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return table.split('\n').filter((line) => /^\| (?!boundary)[a-zA-Z]/.test(line));
}

test('When SECURITY.md says what the service promises, then each row names its test', () => {
  const rows = rowsOf('What the service promises');
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => !row.includes('.test.ts`'))).toEqual([]);
});

test.each(['What is the ingress’s', 'What is the broker’s and the database’s'])(
  'When SECURITY.md says %s, then each row names the test or the setting that keeps it',
  (heading) => {
    const rows = rowsOf(heading.replaceAll('’', "'"));
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.filter((row) => !/`[^`]+`/.test(row))).toEqual([]);
  },
);
