import type { Connection } from 'mongoose';

/** The driver's database where a connection string names none, as with version 0.1. */
const defaultDatabase = 'test';

/** The connection string names a new database, while the data are in another one. */
class MisplacedData extends Error {
  constructor(database: string, collection: string) {
    super(
      `the database "${database}" of MONGO_URI has no collection "${collection}", but "${defaultDatabase}" of the same server has one: ` +
        `version 0.1 kept its data there when MONGO_URI named no database. If they are this service's, write /${defaultDatabase}. ` +
        `If they are not, create an empty collection "${collection}" in "${database}" and start again`,
    );
    this.name = 'MisplacedData';
  }
}

/**
 * Prevents a start on an empty database when the data are in the default database of the same server. Collections that the
 * account may not see do not count.
 *
 * @param collection a database without it counts as new
 * @throws MisplacedData when only `test` of the same server has the collection
 */
export async function refuseMisplacedData(connection: Connection, collection: string): Promise<void> {
  const { name } = connection;
  if (name === defaultDatabase || (await hasCollection(connection, name, collection))) return;
  if (await hasCollection(connection, defaultDatabase, collection)) throw new MisplacedData(name, collection);
}

async function hasCollection(connection: Connection, database: string, collection: string): Promise<boolean> {
  const inDatabase = connection.getClient().db(database);
  const options = { nameOnly: true, authorizedCollections: true };
  return (await inDatabase.listCollections({ name: collection }, options).toArray()).length > 0;
}
