import { copyFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runCommand } from './embedded/run-command.ts';

const timeoutMs = 5 * 60 * 1_000;
/** The files that a build needs. */
const sources = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src'];

/** A release, built. */
export interface Build {
  version: string;
  /** Its index.js. */
  entry: string;
}

/** The release before this one. Update it after each release. */
export const releaseBefore = { version: '0.1.0', commit: '71a664b2e89b6ec2867460d3029e39a379189074' };

/**
 * Builds a release from the history in `repository`, with the dependencies of this checkout, into an empty folder.
 *
 * @throws when the history does not have it, with what to do about it; when it cannot be built
 */
export async function buildRelease(
  { version, commit }: { version: string; commit: string },
  { repository, folder }: { repository: string; folder: string },
): Promise<Build> {
  const archive = join(folder, 'source.tar');
  await runCommand('git', ['-C', repository, 'archive', '-o', archive, commit, ...sources], {
    timeoutMs,
  }).catch((cause: unknown) => {
    const advice = `fetch it (in a shallow clone: git fetch --unshallow), or use a clone instead of an archive`;
    throw new Error(
      `${version} is built from the history of git, which does not have its commit ${commit} here: ${advice}`,
      { cause },
    );
  });
  await runCommand('tar', ['-xf', archive, '-C', folder], { timeoutMs });
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await compile(join(folder, 'tsconfig.build.json'), folder);
  return { version, entry: join(folder, 'dist', 'index.js') };
}

/** Builds this checkout into an empty folder, so that an older build in `dist` is never used. */
export async function buildThis(version: string, folder: string): Promise<Build> {
  await copyFile('package.json', join(folder, 'package.json'));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await compile('tsconfig.build.json', folder);
  return { version, entry: join(folder, 'dist', 'index.js') };
}

/** Without type checks, which take most of the time: each release was checked when it was made. */
async function compile(project: string, folder: string): Promise<void> {
  const options = ['-p', project, '--outDir', join(folder, 'dist'), '--noCheck'];
  await runCommand(process.execPath, ['node_modules/typescript/bin/tsc', ...options], {
    timeoutMs,
  });
}
