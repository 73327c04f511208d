import { existsSync, readdirSync } from 'node:fs';
import { pathOf, textOf } from './repository.ts';

const files = [...textOf('jest.jetstream.config.js').matchAll(/'((?:src|tests)\/[\w/-]+)'/g)].map(
  ([, file = '']) => file,
);

test('When a test runs on JetStream, too, then it is there', () => {
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(pathOf(`${file}.int.test.ts`)))).toEqual([]);
});

test('When a scenario is one of crashes beside a broker, then it runs on JetStream, too', () => {
  const crashes = readdirSync(pathOf('tests/scenarios')).filter(
    (name) => name.endsWith('.test.ts') && textOf(`tests/scenarios/${name}`).includes('useCrashingServices'),
  );
  expect(crashes.length).toBeGreaterThan(1);
  for (const name of crashes) expect(files).toContain(`tests/scenarios/${name.replace('.int.test.ts', '')}`);
});
