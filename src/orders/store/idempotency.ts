import { createHash } from 'node:crypto';
import mongoose from 'mongoose';

/** What is stored with an order that was placed with an `Idempotency-Key`. */
export interface Idempotency {
  key: string;
  /** Tells whether the same purchase is asked for again, or another one with the same key. */
  fingerprint: string;
}

/**
 * The id of the order that is to be placed. A key of a user names one order for ever: its id is derived from both, so
 * that the index of the ids, which every order is in, keeps a key from making two (docs/decisions/0024). Without a key
 * a new id.
 */
export function orderIdFor({ userId, key }: { userId: string; key: string | undefined }): string {
  if (key === undefined) return new mongoose.Types.ObjectId().toHexString();
  return sha256(JSON.stringify([userId, key])).slice(0, 24);
}

/** Two purchases with the same key are the same if they ask for the same ticket. */
export function idempotencyOf(key: string | undefined, ticketId: string): Idempotency | undefined {
  if (key === undefined) return undefined;
  return { key, fingerprint: sha256(JSON.stringify({ ticketId: ticketId.toLowerCase() })) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
