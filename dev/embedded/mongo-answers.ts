import mongoose from 'mongoose';

/**
 * Whether the server at this port of the machine takes writes. A `mongod` that was started as a member of a replica
 * set which does not exist yet is made its only member on the way.
 */
export async function takesWrites(port: number): Promise<boolean> {
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
    connectTimeoutMS: 1_000,
    socketTimeoutMS: 5_000,
  });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (hello['isreplicaset'] === true) {
      await admin.command({
        replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host: `127.0.0.1:${port}` }] },
      });
    }
    return hello['isWritablePrimary'] === true;
  } catch {
    // Still starting: the caller asks again, and shows the server's own output when its patience ends.
    return false;
  } finally {
    await client.close();
  }
}

/** A replica set of one: like production, it has elections, `majority` and transactions. */
export const replicaSet = 'orders';
