import mongoose from 'mongoose';

/**
 * Whether the server at this port takes writes. It initiates the replica set of a `mongod` that was started as a member
 * of one, with that server as the only member.
 */
export async function isWritable(port: number): Promise<boolean> {
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
    // Still starting: the caller tries again, and shows the server's own output after its timeout.
    return false;
  } finally {
    await client.close();
  }
}

/** A replica set of one: as in production, it has elections, `majority` and transactions. */
export const replicaSet = 'orders';
