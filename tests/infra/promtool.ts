import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { buildOnce } from '../../dev/embedded/cache.ts';
import type { Log } from '../../dev/embedded/first-available.ts';
import { findProgram, runCommand } from '../../dev/embedded/run-command.ts';

/** The last release of Prometheus 2. Its Go module is named v0.55.1. */
const version = '2.55.1';
const goModule = 'github.com/prometheus/prometheus@v0.55.1';
const requiredFile = join('bin', 'promtool');
const timeoutMs = 20 * 60 * 1000;
const downloaded = z.looseObject({ Dir: z.string() });

/**
 * The path of promtool, which is installed, or built with Go, once (some minutes). Resolves with undefined where there is
 * neither it nor Go.
 *
 * @throws when it cannot be built
 */
export async function findPromtool(log: Log): Promise<string | undefined> {
  const installed = await findProgram('promtool');
  if (installed) return installed;
  const go = await findProgram('go');
  if (!go) return undefined;
  const folder = await buildOnce(
    {
      name: `promtool-${version}-go`,
      requiredFile,
      build: (draft) => {
        log(`building promtool ${version} with go (some minutes, once)…`);
        return buildWithGo(go, join(draft, requiredFile));
      },
    },
    log,
  );
  return join(folder, requiredFile);
}

/** `go install` refuses a module that has replace directives, so its source is copied and built there. */
async function buildWithGo(go: string, target: string): Promise<void> {
  const source = await mkdtemp(join(tmpdir(), 'promtool-'));
  try {
    const { Dir } = downloaded.parse(
      JSON.parse(await runCommand(go, ['mod', 'download', '-json', goModule], { timeoutMs })),
    );
    await cp(Dir, source, { recursive: true });
    await runCommand('chmod', ['-R', 'u+w', source], { timeoutMs });
    // What finds things to scrape in a dozen clouds: not needed here, and a quarter of the packages.
    await rm(join(source, 'plugins', 'plugins.go'));
    await runCommand(go, ['-C', source, 'build', '-o', target, './cmd/promtool'], {
      timeoutMs,
      // The toolchain that is here: the module names one that would be downloaded.
      env: { GOTOOLCHAIN: 'local', GOFLAGS: '' },
    });
  } finally {
    await rm(source, { recursive: true, force: true });
  }
}
