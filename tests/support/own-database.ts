import { startMongo } from '../../dev/embedded/mongodb.ts';
import type { ServerProcess } from '../../dev/embedded/server-process.ts';
import { atEnd } from './at-end.ts';

/** A database server of the test file's own, to be frozen and killed. It ends with the file. */
export async function startOwnDatabase(): Promise<{ uri: string; server: ServerProcess }> {
  const outside = process.env['MONGO_URI'];
  delete process.env['MONGO_URI'];
  const mongo = await startMongo({ log: () => undefined }).finally(() => {
    if (outside !== undefined) process.env['MONGO_URI'] = outside;
  });
  atEnd(() => mongo.stop());
  if (!mongo.server) throw new Error('the database is not a process of ours');
  return { uri: mongo.uri('orders'), server: mongo.server };
}
