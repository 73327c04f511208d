import mongoose, { type Connection } from 'mongoose';
import { isDuplicateKey } from './database-errors.ts';
import { leaseModel } from './lease-model.ts';

export type Lease = ReturnType<typeof createLease>;

/**
 * The right to do a job on a database, by the job's name. One process has it at a time, until it runs out or is given
 * back.
 */
export function createLease(database: Connection, _id: string) {
  const leases = leaseModel(database);
  const holder = new mongoose.Types.ObjectId();
  let taken = false;

  return {
    /** Takes the lease, or prolongs it, until `until`. Resolves with whether this process has it now. */
    async take({ now, until }: { now: Date; until: Date }): Promise<boolean> {
      try {
        await leases.updateOne(
          { _id, $or: [{ holder }, { until: { $lte: now } }] },
          { $set: { holder, until } },
          { upsert: true, runValidators: true },
        );
        taken = true;
      } catch (error) {
        // The lease is there, and another's, so it was neither found nor made.
        if (!isDuplicateKey(error)) throw error;
        taken = false;
      }
      return taken;
    },

    /** Gives the lease back, if this process has taken it. */
    async release(): Promise<void> {
      if (!taken) return;
      taken = false;
      await leases.deleteOne({ _id, holder });
    },
  };
}
