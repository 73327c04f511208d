import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf, textOf } from './repository.ts';

interface Instruction {
  name: string;
  rest: string;
}

function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return { name, rest: rest.join(' ') };
    });
}

/** What is copied out of the build context, by name. */
function sourcesOf(instructions: Instruction[]): string[] {
  return instructions
    .filter(({ name, rest }) => (name === 'COPY' || name === 'ADD') && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
}

describe('When the image is built', () => {
  const instructions = instructionsOf(textOf('Dockerfile'));
  const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  const lastOf = (wanted: string) => lastStage.filter(({ name }) => name === wanted).map(({ rest }) => rest);

  test('then only what the build needs is copied, by name: nothing of dev/, tests/ or infra/', () => {
    expect(new Set(sourcesOf(instructions))).toEqual(
      new Set(['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'src']),
    );
  });

  test('then the build context holds exactly that, without the tests', () => {
    const rules = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const [everything, ...others] = rules;
    expect(everything).toBe('*');
    const letIn = others.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    expect(new Set(letIn)).toEqual(new Set(sourcesOf(instructions)));
    expect(others.at(-1)).toBe('src/**/*.test.ts');
  });

  test('then its last stage has production dependencies and the build, and no tools', () => {
    expect(lastOf('COPY')).toEqual([
      'package.json ./',
      '--from=production-dependencies /app/node_modules ./node_modules',
      '--from=production-dependencies /app/licences.txt ./licences.txt',
      '--from=production-dependencies /app/audit.txt ./audit.txt',
      '--from=build /app/dist ./dist',
    ]);
    expect(lastOf('RUN')).toEqual([]);
    expect(instructions).toContainEqual({ name: 'RUN', rest: 'npm ci --omit=dev --ignore-scripts' });
  });

  test('then no package runs a script of its own on the way', () => {
    const installs = instructions.filter(({ name, rest }) => name === 'RUN' && rest.startsWith('npm ci'));
    expect(installs).toHaveLength(2);
    for (const { rest } of installs) expect(rest).toContain(' --ignore-scripts');
  });

  test.each([
    ['found 0 vulnerabilities', 0, 'found 0 vulnerabilities'],
    ['3 high severity vulnerabilities', 1, '3 high severity vulnerabilities'],
    ['npm error audit endpoint returned an error', 1, 'Skipped: the registry did not answer the audit'],
  ])('then an audit that says "%s" is written to a file as it is', (said, status, written) => {
    const audit = instructions.find(({ name, rest }) => name === 'RUN' && rest.startsWith('npm audit'));
    const folder = mkdtempSync(join(tmpdir(), 'orders-audit-'));
    try {
      const npm = `npm() { echo '${said}'; return ${status}; }`;
      const run = spawnSync('sh', ['-ec', `${npm}\n${audit?.rest}`], { cwd: folder, encoding: 'utf8' });
      expect([run.status, run.stdout]).toEqual([0, expect.stringContaining(written)]);
      expect(readFileSync(join(folder, 'audit.txt'), 'utf8')).toContain(written);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('then it runs node itself as a numeric user that is not root', () => {
    expect(lastOf('CMD')).toEqual(['["node", "dist/index.js"]']);
    expect(lastOf('ENV')).toEqual(['NODE_ENV=production']);
    expect(lastOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d*(:[1-9]\d*)?$/)]);
  });

  test('then no dependency reports the installation to its makers', () => {
    // swagger-ui-dist brings @scarf/scarf along, which would; npm ci reads this beside the lock file.
    expect(JSON.parse(textOf('package.json'))).toMatchObject({ scarfSettings: { enabled: false } });
  });

  test('then its Node.js is a pinned release of the major version that is developed with', () => {
    const bases = instructions.filter(({ name, rest }) => name === 'FROM' && rest.startsWith('node:'));
    const major = textOf('.nvmrc').trim();
    expect(bases.map(({ rest }) => rest)).toEqual([
      expect.stringMatching(new RegExp(`^node:${major}\\.\\d+\\.\\d+-\\w+-slim(@sha256:[0-9a-f]{64})? `)),
    ]);
  });
});

test('When the package is packed, then it is the build alone: nothing of the demo or the tests', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: pathOf('.'),
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const outsideTheBuild = files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
  expect(new Set(outsideTheBuild)).toEqual(new Set(['LICENSE', 'README.md', 'package.json']));
});
