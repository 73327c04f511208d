import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Order } from '../domain/order.ts';
import { type ChangeContext, expired } from '../domain/order-change.ts';
import type { OrderStore } from '../store/order-store.ts';

/**
 * Expires an order past its time that is in a buyer's way. Resolves with whether it is out of it: expired, or changed by
 * somebody else meanwhile. One that cannot be changed stays in it (docs/decisions/0031); the expiry sweep logs it.
 *
 * @throws when the database is away
 */
export async function expireInTheWay(
  orders: Pick<OrderStore, 'apply'>,
  order: Order,
  cause: 'expiry' | 'takeover',
  occasion: ChangeContext,
): Promise<boolean> {
  try {
    await orders.apply(expired(order, cause, occasion));
    return true;
  } catch (error) {
    if (isOutage(error)) throw error;
    return false;
  }
}
