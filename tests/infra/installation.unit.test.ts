import { spawnSync } from 'node:child_process';
import { pathOf, textOf } from './repository.ts';

test('When packages are installed, then mongodb-memory-server downloads no server', () => {
  const unset = Object.entries(process.env).filter(([name]) => !name.startsWith('MONGOMS_'));
  const { stdout, stderr } = spawnSync(process.execPath, ['postinstall.js'], {
    cwd: pathOf('node_modules/mongodb-memory-server'),
    encoding: 'utf8',
    // A download would fail at once.
    env: { ...Object.fromEntries(unset), MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:1' },
  });
  expect(`${stdout}${stderr}`).toMatch(/^\S+ postinstall skipped because "DISABLE_POSTINSTALL" [^\n]+\n$/);
});

interface Locked {
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> };

/** Where Node looks for a package that the one at this path needs, the nearest first. */
function candidates(path: string, name: string): string[] {
  const below = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
  if (path === '') return [below];
  return [below, ...candidates(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)];
}

test('When the lock file names packages, then it has those that only other platforms install', () => {
  const optional = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => candidates(path, name)),
  );
  expect(optional.length).toBeGreaterThan(50);
  expect(optional.filter((paths) => !paths.some((path) => packages[path])).map(([first]) => first)).toEqual(
    [],
  );
});
