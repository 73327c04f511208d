import type { Connection } from 'mongoose';

/** What the driver takes where a connection string names no database, and what version 0.1 let it take. */
const unnamed = 'test';

/** The connection string names a database that is new, while the data are in another. */
class MisplacedData extends Error {
  constructor(database: string, collection: string) {
    super(
      `the database "${database}" of MONGO_URI has no collection "${collection}", but "${unnamed}" of the same server has one: ` +
        `version 0.1 kept its data there when MONGO_URI named no database. If they are this service's, write /${unnamed}. ` +
        `If they are not, create an empty collection "${collection}" in "${database}" and start again`,
    );
    this.name = 'MisplacedData';
  }
}

/**
 * Keeps a service from beginning anew beside its data. What the account may not see is not there.
 *
 * @param collection the one without which the database counts as new
 * @throws MisplacedData when only `test` of the same server has it
 */
export async function refuseMisplacedData(connection: Connection, collection: string): Promise<void> {
  const { name } = connection;
  if (name === unnamed || (await hasCollection(connection, name, collection))) return;
  if (await hasCollection(connection, unnamed, collection)) throw new MisplacedData(name, collection);
}

async function hasCollection(connection: Connection, database: string, collection: string): Promise<boolean> {
  const inDatabase = connection.getClient().db(database);
  const options = { nameOnly: true, authorizedCollections: true };
  return (await inDatabase.listCollections({ name: collection }, options).toArray()).length > 0;
}
