import { join } from 'node:path';
import { buildOnce, recallFailure, rememberFailure } from './cache.ts';
import { errorMessage } from './error-details.ts';
import { type Log, Unavailable } from './first-available.ts';
import { unpackRelease } from './nats-archive.ts';
import { findProgram, runCommand } from './run-command.ts';

/** The last release of NATS Streaming. */
export const natsStreamingVersion = '0.25.6';
const buildTimeoutMs = 10 * 60 * 1000;
const requiredFile = join('bin', 'nats-streaming-server');
const name = `nats-streaming-server-${natsStreamingVersion}`;

/** @throws Unavailable when it is not installed */
export async function installedNats(): Promise<string> {
  const binary = await findProgram('nats-streaming-server');
  if (!binary) throw new Unavailable('no nats-streaming-server on the PATH');
  return binary;
}

/** Builds the server with Go, once. @throws Unavailable when there is no Go */
export async function natsBuiltWithGo(log: Log): Promise<string> {
  const go = await findProgram('go');
  if (!go) throw new Unavailable('no go on the PATH');
  const folder = await buildOnce(
    {
      name: `${name}-go`,
      requiredFile,
      async build(draft) {
        log(`building nats-streaming-server v${natsStreamingVersion} with go (about a minute, once)…`);
        await runCommand(
          go,
          ['install', `github.com/nats-io/nats-streaming-server@v${natsStreamingVersion}`],
          {
            timeoutMs: buildTimeoutMs,
            env: { GOBIN: join(draft, 'bin') },
          },
        );
      },
    },
    log,
  );
  return join(folder, requiredFile);
}

/** Downloads the release's archive, once; a failure is remembered for a day. @throws Unavailable in that time */
export async function releasedNats(log: Log): Promise<string> {
  const before = await recallFailure(name);
  if (before) throw new Unavailable(before);
  try {
    const folder = await buildOnce(
      {
        name: `${name}-release`,
        requiredFile,
        async build(draft) {
          log(`downloading nats-streaming-server v${natsStreamingVersion} (about 10 MB, once)…`);
          const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
          await unpackRelease({ version: natsStreamingVersion, folder: draft, platform });
        },
      },
      log,
    );
    return join(folder, requiredFile);
  } catch (error) {
    await rememberFailure(name, errorMessage(error));
    throw error;
  }
}
