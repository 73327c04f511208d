import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRelease } from '../../dev/builds.ts';

/** A build under measurement; `entry` is the index.js of another build than this one. */
export interface MeasuredBuild {
  who: string;
  entry?: string;
  /** Variables of its environment, over those of every service. */
  settings?: Readonly<Record<string, string>>;
}

/** Calls `run` with the build of the commit `against`, if one is given. Removes the build afterwards. */
export async function withEarlierBuild<Result>(
  { against: commit }: { against?: string },
  run: (earlier: MeasuredBuild[]) => Promise<Result>,
): Promise<Result> {
  if (commit === undefined) return run([]);
  const folder = await mkdtemp(join(tmpdir(), 'orders-bench-build-'));
  try {
    const { entry } = await buildRelease({ version: commit, commit }, { repository: '.', folder });
    return await run([{ who: 'the build before', entry }]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
