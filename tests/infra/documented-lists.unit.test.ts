import { readdirSync } from 'node:fs';
import { received, sent } from '../../dev/asyncapi/subjects.ts';
import { readConfig } from '../../src/config.ts';
import { extensionErrors } from '../../src/orders/http/extension-errors.ts';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { finalErrors, ownOrderErrors } from '../../src/orders/http/order-errors.ts';
import { purchaseErrors, tooManyPurchases } from '../../src/orders/http/purchase-errors.ts';
import type { DescribedError } from '../../src/platform/http/error-spec.ts';
import { requiredVariables } from '../support/required-variables.ts';
import { knownVariables } from './configuration.ts';
import { pathOf, textOf } from './repository.ts';

const { api: orderApi } = orderHttp();

const readme = textOf('README.md');
const architecture = textOf('docs/architecture.md');

/** The rows of the table whose head begins with this cell, each with its cells. */
function tableOf(page: string, head: string): string[][] {
  const [, after] = page.split(`\n| ${head} |`);
  if (after === undefined) throw new Error(`no table begins with ${head}`);
  const [table = ''] = after.slice(after.indexOf('\n') + 1).split('\n\n');
  const rows = table.split('\n').slice(1);
  return rows.map((row) => row.split('|').map((cell) => cell.trim())).map(([, ...cells]) => cells);
}
const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

const entries = (folder: string) => readdirSync(pathOf(folder), { withFileTypes: true });
const foldersOf = (folder: string) =>
  entries(folder)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

test('When an event comes in or goes out, then the README has it, with its direction, and no others', () => {
  const listed = tableOf(readme, 'event').flatMap(([subjects, direction]) =>
    quoted(subjects).map((subject) => `${subject} ${direction}`),
  );
  const ways = [
    ...Object.keys(received).map((of) => `${of} in`),
    ...Object.keys(sent).map((of) => `${of} out`),
  ];
  expect(new Set(listed)).toEqual(new Set(ways));
});

describe('When the README lists the settings', () => {
  const rows = tableOf(readme, 'variable').flatMap(([names, meaning = '']) =>
    quoted(names).map((name) => ({ name, meaning })),
  );

  test('then it has all that the service reads, and no others', () => {
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(knownVariables));
  });

  test('then only what must be set, or is absent by default, has no default', () => {
    const without = rows.filter(({ meaning }) => !meaning.includes('default')).map(({ name }) => name);
    expect(new Set(without)).toEqual(new Set([...Object.keys(requiredVariables), 'JWT_KEY_PREVIOUS']));
  });

  const defaults = rows.flatMap(({ name, meaning }) => {
    const [, value] = /default (\d[\d,]*)/.exec(meaning) ?? /`([\w-]+)` \(default\b/.exec(meaning) ?? [];
    return value === undefined ? [] : [{ name, value: value.replaceAll(',', '') }];
  });

  test.each(defaults)('then $name is $value by default', ({ name, value }) => {
    expect(defaults.length).toBeGreaterThan(10);
    expect(readConfig({ ...requiredVariables, [name]: value })).toEqual(readConfig(requiredVariables));
  });
});

test('When there is a command for operators, then the README has it, and package.json starts it', () => {
  const listed = tableOf(readme, 'command').map(([cell = '']) => /npm run ([\w-]+)/.exec(cell)?.[1]);
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const started = Object.entries(scripts).filter(([, line]) => line.startsWith('tsx src/commands/'));
  expect(new Set(listed)).toEqual(new Set(started.map(([name]) => name)));
  // A command is a file that runs by itself; the others hold what several of them need.
  const commands = entries('src/commands')
    .map(({ name }) => name)
    .filter((name) => !name.includes('.test.') && /^runAndExit\(/m.test(textOf(`src/commands/${name}`)));
  expect(new Set(commands.map((name) => `tsx src/commands/${name}`))).toEqual(
    new Set(started.map(([, line]) => line)),
  );
});

test('When a request about orders can be refused, then the description has its error', () => {
  const described = orderApi.operations.flatMap(({ responses }) =>
    responses.flatMap(({ errors }) => (errors?.oneOf ?? []).map(({ status, code }) => `${status} ${code}`)),
  );
  const made = [purchaseErrors, ownOrderErrors, finalErrors, extensionErrors, { tooManyPurchases }].flatMap(
    (errors): DescribedError[] => Object.values(errors),
  );
  const missing = made
    .map(({ status, code }) => `${status} ${code}`)
    .filter((one) => !described.includes(one));
  expect(missing).toEqual([]);
});

test('When there is a folder, then the README says what is in it', () => {
  const listed = tableOf(readme, 'folder').flatMap(([names]) => quoted(names));
  const others = ['bench', 'dev', 'docs', 'examples', 'infra', 'tests'];
  const missing = [...foldersOf('src').map((name) => `src/${name}`), ...others].filter(
    (folder) => !listed.some((path) => path === folder || path.startsWith(`${folder}/`)),
  );
  expect(missing).toEqual([]);
});

test('When there is a folder of src, then the picture and the table of the architecture have it, and no others', () => {
  const folders = foldersOf('src');
  const [, picture = ''] = /flowchart LR\n([\s\S]*?) {4}subgraph/.exec(architecture) ?? [];
  const drawn = new Set(picture.match(/[a-z]+/g));
  expect(drawn).toEqual(new Set([...folders, 'index', 'service']));
  const named = tableOf(architecture, 'where').flatMap(([name]) => quoted(name));
  const listed = named.filter((name) => !name.endsWith('.ts'));
  expect(new Set(listed)).toEqual(new Set(folders.map((name) => `src/${name}`)));
});

test('When a pass leaves what keeps failing, then the operations guide has its kind', () => {
  const kinds = ['src/service.ts', 'src/scheduled-jobs.ts'].flatMap((file) =>
    [...textOf(file).matchAll(/createRetrySchedule\(\{ kind: '([^']+)'/g)].map(([, kind]) => kind),
  );
  const listed = tableOf(textOf('docs/operations.md'), 'kind').flatMap(([kind]) => quoted(kind));
  expect(kinds.length).toBeGreaterThan(0);
  expect(new Set(listed)).toEqual(new Set(kinds));
});

describe('When there is a decision', () => {
  const list = textOf('docs/decisions/README.md');
  const files = entries('docs/decisions')
    .map(({ name }) => name)
    .filter((name) => /^\d{4}-/.test(name));

  test('then the list has it under its title, in the order of the numbers', () => {
    const lines = files.map((file) => {
      const [title = ''] = textOf(`docs/decisions/${file}`).split('\n');
      return `- [${title.replace('# ', '')}](${file})`;
    });
    expect(list.split('\n').filter((line) => line.startsWith('- '))).toEqual(lines);
  });

  test('then the numbers that were never given stand above the list', () => {
    const numbers = files.map((file) => Number(file.slice(0, 4)));
    const last = Math.max(...numbers);
    const never = Array.from({ length: last }, (_, index) => index + 1).filter(
      (one) => !numbers.includes(one),
    );
    const [, sentence = ''] = /later\s+one\s+says\s+so\.([\s\S]*?)\n\n/.exec(list) ?? [];
    const named = [...sentence.matchAll(/(\d+)(?: to (\d+))?/g)].flatMap(([, from, to = from]) =>
      Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index),
    );
    expect(named).toEqual(never);
  });
});
