import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from './cache.ts';
import type { EmbeddedMongo } from './embedded-server.ts';
import { type Log, Unavailable } from './first-available.ts';
import { isWritable } from './mongo-health.ts';
import { findProgram, runCommand } from './run-command.ts';
import { startServerProcess } from './start-server-process.ts';

/** Pinned: it is a beta, and this is the version whose unique, partial and compare-and-set behaviour was examined. */
const version = '0.7.0b3';
const installTimeoutMs = 10 * 60 * 1000;
const python = join('bin', 'python');
/** Empty: without one it would read the developer's own, in the home folder and elsewhere. */
const configuration = 'secantusd.toml';
/**
 * The server keeps the outcome of every retryable write for 30 minutes, reads all of them twice a write, and from 10,000
 * on sorts them, which blocks everything. Without the driver's retries the service's own rules for a lost connection are
 * exercised more often. And the server has a thread for every connection, of which one runs at a time: with a hundred
 * connections an operation can wait for seconds.
 */
const options = 'directConnection=true&retryWrites=false&maxPoolSize=16';

/**
 * Starts SecantusDB, a server that speaks MongoDB's protocol, from PyPI: for machines where `mongod` is not available,
 * and as a separate process for development only (it is a beta, and GPL).
 *
 * @throws Unavailable when there is no Python 3
 */
export async function startSecantusDb(log: Log): Promise<EmbeddedMongo> {
  const systemPython = await findProgram('python3');
  if (!systemPython) throw new Unavailable('no python3 on the PATH');
  const environment = await buildOnce(
    {
      name: `secantusdb-${version}`,
      requiredFile: python,
      async build(draft) {
        log(`installing SecantusDB ${version} from PyPI (about a minute, once)…`);
        await runCommand(systemPython, ['-m', 'venv', draft], { timeoutMs: installTimeoutMs });
        const install = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check'];
        await runCommand(join(draft, python), [...install, `SecantusDB==${version}`], {
          timeoutMs: installTimeoutMs,
        });
        await writeFile(join(draft, configuration), '');
      },
    },
    log,
  );
  const server = await startServerProcess({
    name: 'secantusdb',
    command: join(environment, python),
    // Standalone: as a replica set it would keep a log of all writes, which nothing here reads.
    // Not its script `secantusd-py`, which names the folder that the environment had before it was renamed.
    args: ({ port, folder }) => [
      ...['-m', 'secantus', '--standalone', '--host', '127.0.0.1', '--port', String(port)],
      ...['--config', join(environment, configuration)],
      ...['--storage-path', join(folder, 'data'), '--cache-size', '256M'],
    ],
    ready: /secantus listening on/,
    isServing: isWritable,
  });
  return {
    description: `SecantusDB ${version} (not MongoDB: a stand-in for development)`,
    uri: (database) => `mongodb://127.0.0.1:${server.port}/${database}?${options}`,
    server,
    stop: () => server.stop(),
  };
}
