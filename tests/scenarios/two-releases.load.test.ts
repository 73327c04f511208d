import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Build, buildRelease, buildThis, releaseBefore } from '../../dev/builds.ts';
import { checkPromises } from '../faults/rules/check-history.ts';
import { textOf } from '../infra/repository.ts';
import { atEnd } from '../support/at-end.ts';
import { runHandover } from './release-handover.ts';

const { version } = JSON.parse(textOf('package.json')) as { version: string };
let builds: Map<string, Build>;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-upgrade-'));
  atEnd(() => rm(folder, { recursive: true }));
  return folder;
}

beforeAll(async () => {
  const [before, now] = await Promise.all([
    buildRelease(releaseBefore, { repository: '.', folder: await temporaryFolder() }),
    buildThis(version, await temporaryFolder()),
  ]);
  builds = new Map([before, now].map((build) => [build.version, build]));
}, 300_000);

function build(wanted: string): Build {
  const found = builds.get(wanted);
  if (!found) throw new Error(`there is no build of ${wanted}`);
  return found;
}

test.each([
  [releaseBefore.version, version],
  [version, releaseBefore.version],
])(
  'When %s serves, %s joins it, and the first leaves, all under load, then every promise is kept',
  async (first, second) => {
    const history = await runHandover(build(first), build(second), await temporaryFolder());
    expect(checkPromises(history)).toEqual([]);
  },
  300_000,
);

test('When the release before is not in the history, then the error says what to do', async () => {
  const folder = await temporaryFolder();
  const building = buildRelease(releaseBefore, { repository: folder, folder });
  await expect(building).rejects.toThrow('in a shallow clone: git fetch --unshallow');
});
