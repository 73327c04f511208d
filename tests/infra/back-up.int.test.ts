import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pathOf } from './repository.ts';

const script = pathOf('infra/k8s/components/backup/back-up.sh');
const dayMs = 24 * 60 * 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-back-up-'));
  mkdirSync(join(folder, 'backups'));
  writeFileSync(join(folder, 'archive'), gzipSync('what the database holds'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script with a stand-in for mongodump, of which `$archive` is the file to be written. */
function backUp(mongodump: string) {
  const program = join(folder, 'mongodump');
  const archive = `archive=$(printf '%s\\n' "$@" | sed -n 's/^--archive=//p')`;
  writeFileSync(program, `#!/bin/bash\n${archive}\necho "$@" > ${folder}/asked\n${mongodump}\n`);
  chmodSync(program, 0o755);
  return spawnSync('bash', [script], {
    env: {
      PATH: `${folder}:${process.env['PATH']}`,
      MONGO_URI: 'mongodb://a/?replicaSet=rs0',
      BACKUPS: join(folder, 'backups'),
      KEEP_DAYS: '14',
    },
    encoding: 'utf8',
  });
}

const written = () => readdirSync(join(folder, 'backups')).sort();

function lay(name: string, ageMs: number): void {
  const path = join(folder, 'backups', name);
  writeFileSync(path, 'an archive');
  const then = new Date(Date.now() - ageMs);
  utimesSync(path, then, then);
}

test('When a backup is made, then it is a whole archive under its time, and those past their days are gone', () => {
  lay('orders-2026-01-01T03-17-00Z.archive.gz', 16 * dayMs);
  lay('orders-2026-01-15T03-17-00Z.archive.gz', 13 * dayMs);
  lay('orders-2026-01-16T03-17-00Z.archive.gz.part', dayMs);
  lay('of-somebody-else', 99 * dayMs);
  const { status, stdout, stderr } = backUp(`cp ${folder}/archive "$archive"`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(written()).toEqual([
    'of-somebody-else',
    'orders-2026-01-15T03-17-00Z.archive.gz',
    expect.stringMatching(/^orders-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.archive\.gz$/),
  ]);
  expect(stdout).toMatch(/^wrote orders-\S+\.archive\.gz: \d+ bytes$/m);
  // As of one moment, which --oplog is for; a part of the databases alone it does not take.
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toMatch(
    /^--uri=mongodb:\/\/a\/\?replicaSet=rs0 --oplog --gzip --archive=\S+\n$/,
  );
});

test.each([
  ['the database is away', 'echo "server selection error" >&2; exit 1'],
  ['the volume is full', 'head -c 10 ' + '"$0" > "$archive"; exit 1'],
  ['what was written cannot be read', 'echo no archive > "$archive"'],
])('When %s, then the run fails, nothing looks like a backup, and none is removed', (_, mongodump) => {
  lay('orders-2026-01-01T03-17-00Z.archive.gz', 16 * dayMs);
  expect(backUp(mongodump).status).not.toBe(0);
  expect(written().filter((name) => !name.endsWith('.part'))).toEqual([
    'orders-2026-01-01T03-17-00Z.archive.gz',
  ]);
});
