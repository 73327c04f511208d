import mongoose, { type Model } from 'mongoose';

/** What a service keeps of an order. */
export interface KnownOrder {
  /** The order's id. */
  _id: string;
  /** That of the newest event. */
  version: number;
}

/**
 * Keeps an order as of its newest event: what is older than what is kept, or the same again, changes nothing. So events may
 * come twice and in any order.
 */
export async function keepNewest<Order extends KnownOrder>(
  orders: Model<Order>,
  { _id, version, ...fields }: KnownOrder & Partial<Order>,
): Promise<void> {
  const older = { _id, version: { $lt: version } };
  const newest = { $set: { ...fields, version } };
  try {
    await orders.updateOne(older, newest, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // It is kept already: this version, a newer one, or an older one that came in the same moment.
    await orders.updateOne(older, newest);
  }
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === 11_000;
}
