import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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

test('When a comment names a file, then it is there', () => {
  const files = everything.filter((path) => /^(src|dev|bench|tests)\/.*\.[jt]s$/.test(path));
  const missing = files.flatMap((file) =>
    [...textOf(file).matchAll(/^\s*(?:\/\/|\/?\*).*$/gm)]
      .flatMap(([comment]) =>
        [...comment.matchAll(/(?<![\w/.:-])[\w./-]*\w\.(?:ts|md)\b/g)].map(([path]) => path),
      )
      .filter((path) => !names.has(basename(path)) && !existsSync(path))
      .map((path) => `${file}: ${path}`),
  );
  expect(missing).toEqual([]);
});

/** What is not of this project: MongoDB's, Mongoose's, ingress-nginx's. Decisions also name what was rejected. */
const others = ['castObject', 'toObject', 'readWrite', 'includeSubDomains', 'allowVolumeExpansion'];
const livingPages = pages.filter((page) => !page.startsWith('docs/decisions/0'));
const source = everything
  .filter((path) => /^(src|dev|bench|infra|examples)\/.*\.\w+$/.test(path))
  .map(textOf)
  .join('\n');

test('When a page names a function, an option or a field, then the code has it', () => {
  const missing = livingPages.flatMap((page) =>
    wordsIn(page)
      .map((word) => word.replace('()', ''))
      .filter((word) => /^[a-z]+[A-Z]\w*$/.test(word) && !others.includes(word))
      .filter((word) => !new RegExp(`\\b${word}\\b`).test(source))
      .map((word) => `${page}: ${word}`),
  );
  expect(missing).toEqual([]);
});

test('When a page names a metric of the service, then there is one', () => {
  const metrics = everything.filter((path) => /^src\/metrics\/.*\.ts$/.test(path)).map(textOf);
  const missing = livingPages.flatMap((page) =>
    [...textOf(page).matchAll(/`(orders_[a-z_]+)/g)]
      .map(([, name]) => name)
      .filter((name) => !metrics.some((text) => text.includes(`'${name}'`)))
      .map((name) => `${page}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('When a page has somebody run a script, then package.json has it', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const missing = pages.flatMap((page) =>
    [...textOf(page).matchAll(/npm run ([\w:-]+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !(name in scripts))
      .map((name) => `${page}: npm run ${name}`),
  );
  expect(missing).toEqual([]);
});

test('When a page leads to a page or a section of the project, then it is there', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
  const sections = (page: string) =>
    [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading));
  const broken = [...pages, 'CHANGELOG.md'].flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path = '', section] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        return !existsSync(target) || (section !== undefined && !sections(target).includes(section));
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});
