import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { ChangeContext } from '../domain/change-context.ts';
import type { Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';

export interface TakeOver {
  orders: Pick<OrderStore, 'apply'>;
  /** An order past its time, which is in somebody's way. */
  order: Order;
  /** `takeover` when its ticket goes to somebody else, `expiry` when its own user needs its slot. */
  cause: 'takeover' | 'expiry';
  context: ChangeContext;
}

/** Whether the order is out of the way: it has expired, or somebody else has changed it at the same time. */
export type TakeOverOutcome = { isDone: true } | { isDone: false; problem: unknown };

/**
 * Expires an order past its time that is in the way. One that cannot be changed stays there (docs/decisions/0031); the
 * expiry sweep logs it. Whether somebody else has the ticket by then, the next write finds out.
 *
 * @throws when the database is away
 */
export async function takeOver({ orders, order, cause, context }: TakeOver): Promise<TakeOverOutcome> {
  try {
    await orders.apply(transitions.expire(order, cause, context));
    return { isDone: true };
  } catch (problem) {
    if (isOutage(problem)) throw problem;
    return { isDone: false, problem };
  }
}
