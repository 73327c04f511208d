import { join } from 'node:path';
import { buildOnce, recallFailure, rememberFailure } from './cache.ts';
import { errorMessage } from './error-details.ts';
import { type Log, Unavailable } from './first-available.ts';
import { unpackRelease } from './nats-archive.ts';
import { findProgram, runCommand } from './run-command.ts';

/** A server program of the NATS project. */
export interface NatsProgram {
  /** For people. */
  title: string;
  /** The program's name, and that of its repository. */
  name: string;
  version: string;
  /** Its Go module. */
  module: string;
  /** Its container image, without the tag. */
  image: string;
}

/** The last release of NATS Streaming. */
export const natsStreaming: NatsProgram = {
  title: 'NATS Streaming',
  name: 'nats-streaming-server',
  version: '0.25.6',
  module: 'github.com/nats-io/nats-streaming-server',
  image: 'nats-streaming',
};

/** The server with JetStream. */
export const natsServer: NatsProgram = {
  title: 'NATS JetStream',
  name: 'nats-server',
  version: '2.15.2',
  module: 'github.com/nats-io/nats-server/v2',
  image: 'nats',
};

const buildTimeoutMs = 10 * 60 * 1000;

/** @throws Unavailable when it is not installed */
export async function installedNats({ name }: NatsProgram): Promise<string> {
  const binary = await findProgram(name);
  if (!binary) throw new Unavailable(`no ${name} on the PATH`);
  return binary;
}

/** Builds the server with Go, once. @throws Unavailable when there is no Go */
export async function natsBuiltWithGo({ name, version, module }: NatsProgram, log: Log): Promise<string> {
  const go = await findProgram('go');
  if (!go) throw new Unavailable('no go on the PATH');
  const requiredFile = join('bin', name);
  const folder = await buildOnce(
    {
      name: `${name}-${version}-go`,
      requiredFile,
      async build(draft) {
        log(`building ${name} v${version} with go (about a minute, once)…`);
        await runCommand(go, ['install', `${module}@v${version}`], {
          timeoutMs: buildTimeoutMs,
          env: { GOBIN: join(draft, 'bin') },
        });
      },
    },
    log,
  );
  return join(folder, requiredFile);
}

/** Downloads the release's archive, once; a failure is remembered for a day. @throws Unavailable in that time */
export async function releasedNats({ name, version }: NatsProgram, log: Log): Promise<string> {
  const release = `${name}-${version}`;
  const requiredFile = join('bin', name);
  const before = await recallFailure(release);
  if (before) throw new Unavailable(before);
  try {
    const folder = await buildOnce(
      {
        name: `${release}-release`,
        requiredFile,
        async build(draft) {
          log(`downloading ${name} v${version} (about 10 MB, once)…`);
          const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
          await unpackRelease({ name, version, folder: draft, platform });
        },
      },
      log,
    );
    return join(folder, requiredFile);
  } catch (error) {
    await rememberFailure(release, errorMessage(error));
    throw error;
  }
}
