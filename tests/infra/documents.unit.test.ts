import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { notFound } from '../../src/platform/http/common-errors.ts';
import { pathOf, textOf } from './repository.ts';
import { variants } from './variants.ts';

const { api: orderApi } = orderHttp();

const pages = ['docs/deploy.md', 'docs/backup.md', 'docs/scaling.md'];
const text = pages.map(textOf).join('\n');

/** The objects of all overlays and components, as kubectl names them: `deployment/orders`. */
const objects = new Set(
  variants.flatMap(({ manifests }) =>
    manifests.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`),
  ),
);
const shortNames: Record<string, string> = { pdb: 'poddisruptionbudget' };

test('When the documents name an object to kubectl, then it is one that is applied, or that they have made before', () => {
  const kinds = 'cronjob|deployment|statefulset|service|pdb|networkpolicy|configmap|ingress';
  const named = [...text.matchAll(new RegExp(`\\b(${kinds})/([a-z][a-z-]+)`, 'g'))].map(
    ([, kind = '', name]) => `${shortNames[kind] ?? kind}/${name}`,
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !objects.has(name))).toEqual([]);
  const made = [...text.matchAll(/kubectl create job ([\w-]+)/g)].map(([, name]) => name);
  const used = [...text.matchAll(/\bjob\/([\w-]+)/g)].map(([, name]) => name);
  expect(used.filter((name) => !made.includes(name))).toEqual([]);
});

test('When the documents name a command of the image, then there is one', () => {
  const commands = [...text.matchAll(/node (?:--\S+ )?dist\/commands\/([\w-]+)\.js/g)].map(
    ([, name]) => name,
  );
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter((name) => !existsSync(pathOf(`src/commands/${name}.ts`)))).toEqual([]);
});

test("When a restore's commands are typed as they stand, then MongoDB's tools get what is meant", () => {
  const commands = [...textOf('docs/backup.md').matchAll(/^\$ kubectl exec -it \S+ -- (bash -c .+)$/gm)];
  const asked = commands.map(([, command = '']) => {
    const stubs =
      'mongosh() { printf "%s\\n" "$@"; }; mongorestore() { printf "%s\\n" "$@"; }; export -f mongosh mongorestore;';
    const env = { PATH: process.env['PATH'], MONGO_URI: 'mongodb://a/?replicaSet=rs0&b=c' };
    return spawnSync('bash', ['-c', `${stubs} ${command}`], { env, encoding: 'utf8' })
      .stdout.trimEnd()
      .split('\n');
  });
  expect(asked).toEqual([
    ['--quiet', 'mongodb://a/?replicaSet=rs0&b=c', '--eval', 'db.getSiblingDB("orders").dropDatabase()'],
    [
      '--uri=mongodb://a/?replicaSet=rs0&b=c',
      '--gzip',
      '--oplogReplay',
      expect.stringMatching(/^--archive=\/backups\/orders-[\dTZ-]+\.archive\.gz$/),
    ],
  ]);
});

test('When a script of package.json starts what runs on, then a signal to npm reaches it: no shell is between them', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const running = Object.entries(scripts).filter(([name]) =>
    /^(dev|start|bench|screenshots|test(:\w+)?)$/.test(name),
  );
  expect(running.length).toBeGreaterThanOrEqual(8);
  expect(running.filter(([, command]) => !/^([A-Z_]+=\S+ )*exec /.test(command))).toEqual([]);
});

test('When the service can answer with an error, then the README has its status and code, and no others', () => {
  const errors = orderApi.operations.flatMap(({ responses }) =>
    responses.flatMap((response) => response.errors?.oneOf ?? []),
  );
  const rows = textOf('README.md').matchAll(/^\| (\d{3}) \| (`[a-z_]+`.*) \|$/gm);
  const listed = [...rows].flatMap(([, status, codes = '']) =>
    [...codes.replaceAll(/\([^)]*\)/g, '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => `${status} ${code}`),
  );
  const made = [...errors, notFound].map(({ status, code }) => `${status} ${code}`);
  expect(new Set(listed)).toEqual(new Set(made));
});
