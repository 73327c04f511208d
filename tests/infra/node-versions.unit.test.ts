import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { majorOf, testedVersions } from './node-versions.ts';
import { partOfTests } from './part-of-tests.ts';
import { pathOf, textOf } from './repository.ts';

const [oldest = '', image = '', newest = ''] = testedVersions();
/** Set where the tests run on a release that was chosen. */
const { TEST_NODE_VERSION: chosen = process.version } = process.env;

test('When the tests run on a release of Node.js, then what they start by its name is the same one', () => {
  const started = execFileSync('node', ['--version'], { encoding: 'utf8' }).trim();
  expect([process.version, started]).toEqual([chosen, chosen]);
});

test('When Node.js is named, then the oldest that is supported, the one that is developed with and that of the image agree', () => {
  expect(majorOf(image)).toBe(Number(textOf('.nvmrc')));
  expect(majorOf(oldest)).toBeLessThan(majorOf(image));
  expect(majorOf(newest)).toBeGreaterThan(majorOf(image));
  // With newer types, what is used may be missing in the oldest.
  const { devDependencies } = JSON.parse(textOf('package.json')) as {
    devDependencies: Record<string, string>;
  };
  expect(devDependencies['@types/node']).toMatch(new RegExp(`^\\^${majorOf(oldest)}\\.`));
});

test('When a part of the tests is run, then there is each of it', () => {
  const files = ['src', 'tests'].flatMap((folder) =>
    readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  const tests = files.filter((path) => /\.(unit|int)\.test\.ts$/.test(path));
  expect(partOfTests.filter((part) => !tests.some((path) => path.includes(part)))).toEqual([]);
});

test('When the lock file is installed, then it brings no runtime', () => {
  const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, unknown> };
  expect(
    Object.keys(packages).filter((path) => /node_modules\/node(-(bin|linux|darwin|win)-.*)?$/.test(path)),
  ).toEqual([]);
});

test('When a change is checked, then that is done on each release', () => {
  expect(textOf('.ci/run')).toMatch(/^step npm run test:nodes \| tee/m);
});
