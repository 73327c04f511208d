import { type Build, buildRelease, buildThis, releaseBefore } from '../../dev/builds.ts';
import { textOf } from '../infra/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runHandover } from './release-handover/run-handover.ts';

const { version } = JSON.parse(textOf('package.json')) as { version: string };
let builds: Map<string, Build>;

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
  'When %s serves, %s joins it, the first leaves, and this version follows with all its settings on, all under load, then every promise is kept',
  async (first, second) => {
    const builds: [Build, Build] = [build(first), build(second)];
    const logs = await temporaryFolder();
    expect(await runHandover({ builds, last: build(version), logs })).toEqual([]);
  },
  300_000,
);

test('When the release before is not in the history, then the error says what to do', async () => {
  const folder = await temporaryFolder();
  const building = buildRelease(releaseBefore, { repository: folder, folder });
  await expect(building).rejects.toThrow('in a shallow clone: git fetch --unshallow');
});
