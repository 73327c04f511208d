import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf, textOf } from './repository.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const pinnedFiles = [
  'Dockerfile',
  'compose.yaml',
  'infra/k8s/base/orders-mongo.yaml',
  'infra/k8s/base/nats.yaml',
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orders-pin-images-'));
  for (const name of ['Dockerfile', 'compose.yaml', 'infra'])
    cpSync(pathOf(name), join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs it on a copy, where no tool is installed but the given one. */
function pin(tool?: { name: string; script: string }) {
  if (tool) {
    writeFileSync(join(folder, tool.name), `#!/bin/sh\n${tool.script}\n`);
    chmodSync(join(folder, tool.name), 0o755);
  }
  return spawnSync(process.execPath, [pathOf('infra/pin-images.mjs'), folder], {
    env: { PATH: folder },
    encoding: 'utf8',
  });
}

const now = (name: string) => readFileSync(join(folder, name), 'utf8');

test.each(['crane', 'skopeo', 'docker'])(
  'When the registry tells %s the digests, then they stand beside the tags everywhere, and new ones replace them',
  (name) => {
    for (const digit of ['a', 'b']) {
      expect(pin({ name, script: `echo ${digest(digit)}` }).status).toBe(0);
      for (const file of pinnedFiles) {
        const images = [...now(file).matchAll(/^(?:FROM|\s+image:) (\S+:\S+)/gm)].map(
          ([, image]) => image ?? '',
        );
        const others = images.filter((image) => !image.startsWith('ticketing/'));
        expect(others.length).toBeGreaterThan(0);
        for (const image of others) expect(image).toMatch(new RegExp(`^[\\w-]+:[\\w.-]+@${digest(digit)}$`));
      }
    }
    expect(now('compose.yaml')).toContain('image: ticketing/orders:local\n');
  },
);

test.each([
  ['no tool is installed', undefined],
  ['the registry is not reached', { name: 'crane', script: 'exit 1' }],
  ['what it answers is no digest', { name: 'crane', script: 'echo sha256:abc' }],
  // Of one image alone it is known.
  [
    'one image is not there',
    { name: 'crane', script: `case "$2" in node:*) echo ${digest('a')};; *) exit 1;; esac` },
  ],
])('When %s, then it fails and says so, and no file is changed', (_, tool) => {
  const { status, stderr } = pin(tool);
  expect(status).toBe(1);
  expect(stderr).toContain('nothing is pinned, the tags stay');
  for (const file of pinnedFiles) expect(now(file)).toBe(textOf(file));
});
