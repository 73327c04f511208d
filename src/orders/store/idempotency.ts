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

/** A purchase, with the id that its order will have. */
export interface IdentifiedPurchase extends PurchaseRequest {
  orderId: string;
  idempotency: Idempotency | undefined;
}

/**
 * Gives a purchase the id of its order. With a key the id is derived from user and key, so the unique index of `_id`
 * allows only one order for a key (docs/decisions/0024). Without a key the id is new.
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
  // Add new fields at the end. JSON omits undefined ones, so the fingerprints of older orders stay valid.
  const asked = { ticketId: ticketId.toLowerCase() } satisfies EveryField<Asked>;
  return sha256(JSON.stringify(asked));
}

/** The fields of a request that make it another purchase. */
type Asked = Omit<PurchaseRequest, 'userId' | 'idempotencyKey'>;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
