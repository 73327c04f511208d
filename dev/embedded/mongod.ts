import { join } from 'node:path';
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server';
import { cacheFolder, recallFailure, rememberFailure } from './cache.ts';
import type { EmbeddedMongo } from './embedded-server.ts';
import { errorMessage } from './error-details.ts';
import { type Log, Unavailable } from './first-available.ts';
import { isWritable, replicaSet } from './mongo-health.ts';
import { findProgram, runCommand } from './run-command.ts';
import { startServerProcess } from './start-server-process.ts';

/**
 * Starts the `mongod` that `MONGOMS_SYSTEM_BINARY` names, else the one on the PATH.
 *
 * @throws Unavailable when there is neither
 */
export async function startInstalledMongod(): Promise<EmbeddedMongo> {
  const binary = process.env['MONGOMS_SYSTEM_BINARY'] || (await findProgram('mongod'));
  if (!binary) throw new Unavailable('no mongod on the PATH');
  return startMongod(binary, 'installed');
}

/**
 * Starts the `mongod` that mongodb-memory-server downloads, once. A failure is remembered for a day: where the
 * download is refused, each try costs several seconds.
 *
 * @throws Unavailable when it failed within the last day
 */
export async function startDownloadedMongod(log: Log): Promise<EmbeddedMongo> {
  return startMongod(await downloadedBinary(log), 'downloaded');
}

async function downloadedBinary(log: Log): Promise<string> {
  const options = { downloadDir: join(cacheFolder(), 'mongod') };
  const present = await DryMongoBinary.locateBinary(DryMongoBinary.getEnsuredOptions(options));
  if (present) return present;
  const before = await recallFailure('mongod');
  if (before) throw new Unavailable(before);
  log('downloading mongod (about 100 MB, once)…');
  try {
    return await MongoBinary.getPath(options);
  } catch (error) {
    await rememberFailure('mongod', errorMessage(error).replaceAll('\n', ' '));
    throw error;
  }
}

async function startMongod(binary: string, origin: string): Promise<EmbeddedMongo> {
  const version = await runCommand(binary, ['--version'], { timeoutMs: 10_000 });
  const server = await startServerProcess({
    name: 'mongod',
    command: binary,
    args: ({ port, folder }) => [
      ...['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', folder],
      ...['--replSet', replicaSet, '--wiredTigerCacheSizeGB', '0.25', '--nounixsocket'],
    ],
    ready: /Waiting for connections/i,
    isServing: isWritable,
  });
  return {
    description: `mongod ${/v?(\d+\.\d+\.\d+)/.exec(version)?.[1] ?? ''} (${origin})`,
    uri: (database) => `mongodb://127.0.0.1:${server.port}/${database}?replicaSet=${replicaSet}`,
    server,
    stop: () => server.stop(),
  };
}
