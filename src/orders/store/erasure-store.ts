import mongoose from 'mongoose';
import { unordered } from '../../platform/mongo/bulk-writes.ts';
import { streamPages } from '../../platform/mongo/stream-documents.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { orderQueries } from './order-queries.ts';

/** Read and written together: one bulk, and little memory. */
const pageSize = 100;

/** An order of the user, as far as it decides whether their id may go. */
export type UsersOrder = Pick<
  OrderRecord,
  '_id' | 'status' | 'version' | 'lastChange' | 'payments' | 'history'
> & { outbox: unknown };

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** The reads and writes that take a user's id out of their orders. */
export function createErasureStore(orders: OrderModel) {
  return {
    /** All orders of the user, in pages, by the index of their list. */
    ofUser(userId: string): AsyncGenerator<UsersOrder[]> {
      const { filter, sort = {} } = orderQueries.ofUser({ userId });
      const fields = { status: 1, version: 1, lastChange: 1, payments: 1, history: 1, outbox: 1 } as const;
      return streamPages(orders.find(filter, fields).sort(sort).lean<UsersOrder[]>(), pageSize);
    },

    /**
     * The ids of all orders with an event that waits and has the user's id, also of orders that no longer have it: the change
     * of an order that was read before does not expect who its user is. Reads all orders with events that wait.
     */
    async withEventOf(userId: string): Promise<string[]> {
      const waiting = { relayDueAt: { $gt: new Date(0) }, 'outbox.data.userId': userId };
      const found = await orders.find(waiting, { _id: 1 }).lean();
      return found.map(({ _id }) => String(_id));
    },

    /**
     * Puts `alias` in the place of the user's id, in each of these orders that has not changed since it was read. The
     * key of a purchase goes, too: with it whoever guesses the user's id could prove it by the order's.
     */
    async erase(userId: string, alias: string, found: readonly UsersOrder[]): Promise<void> {
      const writes = found.map(({ _id, version, lastChange, payments, history }) => ({
        updateOne: {
          filter: { _id, userId, version, lastChange: lastChange ?? null, outbox: { $size: 0 } },
          update: {
            $set: { userId: alias, ...textsWithout(userId, alias, { payments, history }) },
            $unset: { idempotency: 1 as const },
          },
        },
      }));
      if (writes.length > 0) await orders.bulkWrite(writes, unordered);
    },

    /** A name for somebody whose name is not to be known: no two are the same. */
    newAlias: () => `erased-${new mongoose.Types.ObjectId().toHexString()}`,
  };
}

/** What operators have written and has the id in it, by its place in the document. */
function textsWithout(
  userId: string,
  alias: string,
  { payments, history }: Pick<UsersOrder, 'payments' | 'history'>,
): Record<string, string> {
  const texts = [
    ...history.map(({ reason }, index) => [`history.${index}.reason`, reason] as const),
    ...payments.map(({ refundNote }, index) => [`payments.${index}.refundNote`, refundNote] as const),
  ];
  const word = new RegExp(`(?<![\\w-])${userId.replaceAll(/[^\w\s]/g, '\\$&')}(?![\\w-])`, 'g');
  return Object.fromEntries(
    texts.flatMap(([place, text]) => {
      const without = text?.replaceAll(word, alias);
      return without === undefined || without === text ? [] : [[place, without]];
    }),
  );
}
