import type { Connection } from 'mongoose';
import { hasIndexes } from '../../platform/mongo/indexes.ts';
import { leaseModel } from '../../platform/mongo/lease-model.ts';
import { createLease } from '../../platform/mongo/lease-store.ts';
import { holdIndex } from './order-indexes.ts';
import { orderModel } from './order-model.ts';

/** Stored: other replicas use the same name. */
const leaseName = 'hold index';

/** Refuses writes that take a hold while the unique index is missing: two orders could hold one ticket. */
export interface HoldGuard {
  /** @throws IndexMissing */
  throwIfMissing(): void;
}

export type HoldIndexStore = ReturnType<typeof createHoldIndexStore>;

/** The queries about the index of the holds. */
export function createHoldIndexStore(database: Connection) {
  const orders = orderModel(database);
  const leases = leaseModel(database);
  return {
    /** The lease of the replica that builds the index. */
    lease: createLease(database, leaseName),

    /** Whether a replica is building the index. The server lists it then, but it is not in force yet. */
    async isBeingBuilt(now: Date): Promise<boolean> {
      return (await leases.exists({ _id: leaseName, until: { $gt: now } })) !== null;
    },

    /** Whether there is an index with this effect, under any name. */
    isThere: () => hasIndexes({ model: orders, indexes: [holdIndex] }),

    /**
     * The orders of up to ten tickets that several orders hold; kept holds count, since the index has them, too. Reads all
     * orders: it is for when the index is missing.
     */
    async findDoubledHolders(): Promise<string[]> {
      const found = await orders.aggregate<{ orderIds: unknown[] }>([
        { $match: { holdsTicket: true } },
        { $group: { _id: '$ticketId', orderIds: { $push: '$_id' } } },
        { $match: { 'orderIds.1': { $exists: true } } },
        { $limit: 10 },
      ]);
      return found.flatMap(({ orderIds }) => orderIds.map(String));
    },
  };
}
