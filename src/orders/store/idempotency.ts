import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { EveryField } from '../../platform/schemas/every-field.ts';
import type { PurchaseRequest } from '../domain/purchase.ts';

/** What is stored with an order that was placed with an `Idempotency-Key`. */
export interface Idempotency {
  key: string;
  /** Differs for another purchase with the same key. */
  fingerprint: string;
}

/** A purchase with the id that its order has once it is placed. */
export interface IdentifiedPurchase extends PurchaseRequest {
  orderId: string;
  idempotency: Idempotency | undefined;
}

/**
 * Gives a purchase the id of its order. A key of a user names one order for ever: its id is derived from both, so
 * that the index of the ids, which every order is in, keeps a key from making two (docs/decisions/0024). Without a key
 * the id is new.
 */
export function identifyPurchase(request: PurchaseRequest): IdentifiedPurchase {
  const { userId, idempotencyKey: key } = request;
  if (key === undefined)
    return { ...request, orderId: new mongoose.Types.ObjectId().toHexString(), idempotency: undefined };
  const orderId = sha256(JSON.stringify([userId, key])).slice(0, 24);
  return { ...request, orderId, idempotency: { key, fingerprint: fingerprintOf(request) } };
}

/** Two purchases of a user with the same key are the same if they ask for the same. */
function fingerprintOf({ ticketId }: PurchaseRequest): string {
  // A new field comes last. JSON leaves it out where it is undefined, so that the fingerprints of older orders still fit.
  const asked = { ticketId: ticketId.toLowerCase() } satisfies EveryField<Asked>;
  return sha256(JSON.stringify(asked));
}

/** The fields of a request that make it another purchase. */
type Asked = Omit<PurchaseRequest, 'userId' | 'idempotencyKey'>;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
