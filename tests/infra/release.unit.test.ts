import { asyncapi } from '../../dev/asyncapi/document.ts';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { openapi } from '../../src/platform/openapi/openapi.ts';
import { renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';
import { containerOf, workloadNamed } from './workloads.ts';

const { api: orderApi } = orderHttp();

interface Package {
  version: string;
  /** Of the lock file: what is locked, by its path, this package itself by an empty one. */
  packages: { '': { version: string } };
}

const { version } = JSON.parse(textOf('package.json')) as Package;
const changes = textOf('CHANGELOG.md');

/** The sections of the changelog, the newest first, by what stands in the brackets of their headings. */
const sections = changes.split(/^## (?=\[)/m).slice(1);

test('When a release is named somewhere, then it is the one that package.json names', () => {
  const lock = JSON.parse(textOf('package-lock.json')) as Package;
  const { image } = containerOf(workloadNamed('orders', renderOverlay('prod')));
  const images = [...textOf('docs/deploy.md').matchAll(/ticketing\/orders:(\d[\w.-]*)/g)].map(
    ([, tag]) => tag,
  );
  expect(images.length).toBeGreaterThan(0);
  expect({
    lock: lock.version,
    lockedPackage: lock.packages[''].version,
    // A node that has an image of this tag does not pull it again, so an old tag runs the old image.
    image,
    documentedImages: new Set(images),
    openapi: openapi(orderApi).info.version,
    asyncapi: asyncapi().info.version,
    changelog: /^\[(\d[^\]]*)\]/.exec(sections.find((section) => /^\[\d/.test(section)) ?? '')?.[1],
  }).toEqual({
    lock: version,
    lockedPackage: version,
    image: `ticketing/orders:${version}`,
    documentedImages: new Set([version]),
    openapi: version,
    asyncapi: version,
    changelog: version,
  });
});

test('When a release is in the changelog, then it has its date, stands above all older ones, and says what to do before', () => {
  const releases = sections.filter((section) => !section.startsWith('[Unreleased]'));
  const headings = releases.map((section) => section.split('\n', 1)[0] ?? '');
  for (const heading of headings) expect(heading).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
  const numbers = headings.map((heading) => heading.replaceAll(/\[|\].*/g, ''));
  const newestFirst = (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true });
  expect(numbers).toEqual([...new Set(numbers)].sort(newestFirst));
  expect(releases[0]).toContain('### Before you upgrade');
});
