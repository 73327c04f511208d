import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const source = resolve('src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);
const filesWith = (pattern: RegExp) =>
  files.filter((file) => pattern.test(readFileSync(join(source, file), 'utf8'))).toSorted();

test('When a file reads or writes the database, then it uses a model: only one file has the driver’s collection', () => {
  expect(files.length).toBeGreaterThan(100);
  // A comment in that file says why.
  expect(filesWith(/\.(\$__)?collection\b|\{ collection[ ,}]/)).toEqual(['platform/mongo/indexes.ts']);
});

test('When the driver is imported, then it is the same copy that Mongoose loads', () => {
  const here = createRequire(resolve('package.json'));
  const mongoose = createRequire(here.resolve('mongoose'));
  expect(here.resolve('mongodb')).toBe(mongoose.resolve('mongodb'));
  expect(filesWith(/from 'mongodb(\/|')/)).toEqual(['platform/mongo/fail-fast-connection.ts']);
});
