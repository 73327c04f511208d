import mongoose, { type Connection } from 'mongoose';
import { isDuplicateKey } from './database-errors.ts';
import { leaseModel } from './lease-model.ts';

export type Lease = ReturnType<typeof createLease>;

/**
 * A lease with the name `_id`. One process has it at a time, until it expires or is released.
 */
export function createLease(database: Connection, _id: string) {
  const leases = leaseModel(database);
  const owner = new mongoose.Types.ObjectId();
  let taken = false;

  return {
    /** Takes or renews the lease until `until`. Resolves with whether this process has it now. */
    async take({ now, until }: { now: Date; until: Date }): Promise<boolean> {
      try {
        await leases.updateOne(
          { _id, $or: [{ holder: owner }, { until: { $lte: now } }] },
          { $set: { holder: owner, until } },
          { upsert: true, runValidators: true },
        );
        taken = true;
      } catch (error) {
        // Another process has the lease, so it was neither found nor created.
        if (!isDuplicateKey(error)) throw error;
        taken = false;
      }
      return taken;
    },

    /** Releases the lease, if this process has taken it. */
    async release(): Promise<void> {
      if (!taken) return;
      taken = false;
      await leases.deleteOne({ _id, holder: owner });
    },
  };
}
