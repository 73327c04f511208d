import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { ChangeContext } from '../domain/change-context.ts';
import type { KeptHold } from '../domain/kept-hold.ts';
import type { Order } from '../domain/order.ts';
import * as transitions from '../domain/transitions.ts';
import type { OrderStore } from '../store/order-store.ts';

export interface TakeOver {
  orders: Pick<OrderStore, 'apply'>;
  /** An overdue order, whose ticket or slot another order needs. */
  order: Order;
  /** `takeover` when another order needs its ticket, `expiry` when its own user needs its slot or asks for its ticket again. */
  cause: 'takeover' | 'expiry';
  context: ChangeContext;
}

/** `isReleased` when the order or hold has ended here, or another request has changed it at the same time. */
export type TakeOverOutcome = { isReleased: true } | { isReleased: false; problem: unknown };

/**
 * Expires an overdue order. One that cannot be changed stays as it is (docs/decisions/0031); the expiry sweep logs it.
 * Another order may take the ticket first: the caller's next write finds out.
 *
 * @throws when the database is away
 */
export function takeOver({ orders, order, cause, context }: TakeOver): Promise<TakeOverOutcome> {
  return outcomeOf(() => orders.apply(transitions.expire(order, cause, context)));
}

/**
 * Ends a kept hold whose ticket another order needs; the same holds as for `takeOver`.
 *
 * @throws when the database is away
 */
export function endKeptHold(
  orders: Pick<OrderStore, 'endKeptHold'>,
  keptHold: KeptHold,
): Promise<TakeOverOutcome> {
  return outcomeOf(() => orders.endKeptHold(keptHold));
}

async function outcomeOf(release: () => Promise<unknown>): Promise<TakeOverOutcome> {
  try {
    await release();
    return { isReleased: true };
  } catch (problem) {
    if (isOutage(problem)) throw problem;
    return { isReleased: false, problem };
  }
}
