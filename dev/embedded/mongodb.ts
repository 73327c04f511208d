import type { EmbeddedMongo } from './embedded-server.ts';
import { firstAvailable, type Log } from './first-available.ts';
import { withDatabase } from './mongo-uri.ts';
import { startDownloadedMongod, startInstalledMongod } from './mongod.ts';
import { startSecantusDb } from './secantusdb.ts';

const advice =
  'no MongoDB server can be started: install mongod (or python3 with venv), or run one, with docker for example, and set MONGO_URI';

/**
 * The server of `MONGO_URI`, else one that is started here: an installed `mongod`, a downloaded one, SecantusDB.
 *
 * @throws when `MONGO_URI` is no connection string, or when no server can be had, with what to install
 */
export function startMongo({ log }: { log: Log }): Promise<EmbeddedMongo> {
  const given = process.env['MONGO_URI'];
  if (given) return useGiven(given);
  const sources = [
    { name: 'installed mongod', start: startInstalledMongod },
    { name: 'downloaded mongod', start: () => startDownloadedMongod(log) },
    { name: 'SecantusDB', start: () => startSecantusDb(log) },
  ];
  return firstAvailable(sources, { log, advice });
}

async function useGiven(uri: string): Promise<EmbeddedMongo> {
  withDatabase(uri, 'checked-early');
  return {
    description: 'the MongoDB server of MONGO_URI',
    uri: (database) => withDatabase(uri, database),
    stop: () => Promise.resolve(),
  };
}
