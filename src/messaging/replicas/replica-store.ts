import mongoose from 'mongoose';
import type { ReplicaModel, ReplicaRecord } from './replica-model.ts';

/**
 * A replica that has not reported itself for this long counts as gone, in milliseconds: 30 times the interval of its reports.
 * Until then it may be frozen, or cut off from the database, and send again.
 */
export const goneAfterMs = 5 * 60_000;
/** What a crash has left is removed after a day. */
const removeAfterMs = 24 * 60 * 60_000;

export type Replica = Pick<ReplicaRecord, 'host' | 'pid' | 'broker' | 'paused'>;

export interface SeenReplica extends Replica {
  /** How long ago it has reported itself, by the database's clock. */
  secondsAgo: number;
}

/**
 * Which processes of the service there are, by one document each. All times are those of the database's clock, so that it
 * does not matter how the clocks of the replicas and of an operator's machine differ.
 */
export function createReplicaStore(replicas: ReplicaModel) {
  async function databaseTime(): Promise<number> {
    const { localTime } = (await replicas.db.db?.command({ hello: 1 })) ?? {};
    if (!(localTime instanceof Date)) throw new Error('the database does not say what time it is');
    return localTime.getTime();
  }

  return {
    /** Stores that this process is there now. */
    async report(id: string, replica: Replica): Promise<void> {
      await replicas.updateOne(
        { _id: new mongoose.Types.ObjectId(id) },
        { $set: replica, $currentDate: { seenAt: true } },
        { upsert: true },
      );
    },

    /** To be called when the process publishes nothing any more. */
    async remove(id: string): Promise<void> {
      await replicas.deleteOne({ _id: new mongoose.Types.ObjectId(id) });
    },

    /** Removes what processes have left that ended without `remove`, a day later. */
    async removeAbandoned(): Promise<void> {
      const before = new Date((await databaseTime()) - removeAfterMs);
      await replicas.deleteMany({ seenAt: { $lt: before } });
    },

    /** The replicas that are not known to be gone, by their names. */
    async present(): Promise<SeenReplica[]> {
      const [now, found] = await Promise.all([
        databaseTime(),
        replicas.find().sort({ host: 1, pid: 1 }).lean<ReplicaRecord[]>(),
      ]);
      return found
        .filter(({ seenAt }) => now - seenAt.getTime() < goneAfterMs)
        .map(({ _id, seenAt, ...replica }) => ({
          ...replica,
          secondsAgo: Math.max(0, Math.floor((now - seenAt.getTime()) / 1_000)),
        }));
    },
  };
}

export type ReplicaStore = ReturnType<typeof createReplicaStore>;
