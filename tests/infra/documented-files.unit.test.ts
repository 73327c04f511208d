import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { textOf } from './repository.ts';

const everything = ['src', 'tests', 'dev', 'bench', 'infra', 'docs', 'examples'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
);
const paths = new Set(everything);
const names = new Set(everything.map((path) => basename(path)));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...everything.filter((path) => /^docs\/.*\.md$/.test(path)),
];

/** What a reader makes, as the page says. */
const readersOwn = ['infra/k8s/overlays/shop/kustomization.yaml'];

/** Tests are named without their end: `src/orders/store/order-store.int` and the like. */
const isThere = (path: string) => [path, `${path}.test.ts`, `${path}.ts`].some((one) => paths.has(one));

const wordsIn = (page: string) =>
  [...textOf(page).matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word.replace(/\/$/, ''));

test('When a page names a file or a folder of the project, then it is there', () => {
  const missing = pages.flatMap((page) =>
    wordsIn(page)
      .filter(
        (word) => /^(src|tests|dev|bench|infra|docs|examples)\/[\w./-]+$/.test(word) && !word.includes('..'),
      )
      .filter((path) => !isThere(path) && !readersOwn.includes(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test('When a page names a file without its folder, then there is one of that name', () => {
  const missing = pages.flatMap((page) =>
    wordsIn(page)
      .filter(
        (word) =>
          /^[\w-]+(\.(unit|int|load))?(\.test)?\.ts$/.test(word) || /^[\w-]+\.(unit|int|load)$/.test(word),
      )
      .filter((name) => !names.has(name) && !names.has(`${name}.test.ts`))
      .map((name) => `${page}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('When there is a decision, then the list of decisions has it', () => {
  const decisions = everything.filter((path) => /^docs\/decisions\/\d{4}-.*\.md$/.test(path));
  const list = textOf('docs/decisions/README.md');
  expect(decisions.filter((path) => !list.includes(`](${basename(path)})`))).toEqual([]);
});
