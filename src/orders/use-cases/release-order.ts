import { isDeepStrictEqual } from 'node:util';
import { isOutage } from '../../platform/mongo/database-errors.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { holdsTicket, type Order, type OrderStatus, type StatusChange } from '../domain/order.ts';
import { buyingPayment, release } from '../domain/refund-transitions.ts';
import type { OrderStore } from '../store/order-store.ts';
import { changeContext } from './change-context.ts';
import { retryOnConflict } from './retry-on-conflict.ts';

export interface ReleaseOrderDeps {
  orders: Pick<OrderStore, 'findById' | 'apply'>;
  clock: Clock;
}

/** What would happen to an order. */
export type ReleasePlan =
  | { kind: 'release'; order: Order }
  /** It has let its ticket go already. */
  | { kind: 'nothing_to_release'; status: OrderStatus }
  | { kind: 'not_found' }
  /** The stored document cannot be read, or not be changed. */
  | { kind: 'failed'; problem: string };

export type ReleaseOutcome =
  | Exclude<ReleasePlan, { kind: 'release' }>
  /** It was cancelled here, and had this status before: of a paid order the payment must be given back. */
  | { kind: 'released'; from: OrderStatus; order: Order };

/** What `releaseOrder` would do now. @throws when the database is away */
export async function planRelease(
  { orders }: Pick<ReleaseOrderDeps, 'orders'>,
  orderId: string,
): Promise<ReleasePlan> {
  return unlessItFails(async () => decide(await orders.findById(orderId)));
}

/**
 * Takes the ticket back from a pending or paid order, for an operator's reason. An order that is paid meanwhile is released as
 * paid. A second time there is nothing to release, so whoever was interrupted begins again.
 *
 * @throws when the database is away
 */
export async function releaseOrder(
  { orders, clock }: ReleaseOrderDeps,
  orderId: string,
  reason: string,
): Promise<ReleaseOutcome> {
  return unlessItFails(async () => {
    let tried: { from: OrderStatus; entry: StatusChange | undefined } | undefined;
    const outcome = await retryOnConflict<ReleaseOutcome>(async () => {
      const present = await orders.findById(orderId);
      // `outdated` may be a release that was written, and followed by another change.
      if (present && tried?.entry && isDeepStrictEqual(present.history[tried.entry.version], tried.entry))
        return { kind: 'released', from: tried.from, order: present };
      const plan = decide(present);
      if (plan.kind !== 'release') return plan;
      const change = release(plan.order, reason, changeContext(clock));
      tried = { from: plan.order.status, entry: change.push.history };
      const order = await orders.apply(change);
      return typeof order === 'object' ? { kind: 'released', from: tried.from, order } : undefined;
    });
    return outcome.kind === 'conflict'
      ? { kind: 'failed', problem: 'it was changed by others at every attempt' }
      : outcome;
  });
}

/** @throws when the order is paid, but by no payment: the plan must fail as the release does */
function decide(order: Order | undefined): ReleasePlan {
  if (!order) return { kind: 'not_found' };
  if (!holdsTicket(order.status)) return { kind: 'nothing_to_release', status: order.status };
  if (order.status === 'paid') buyingPayment(order);
  return { kind: 'release', order };
}

/** One order that cannot be read or changed does not keep the others from it. */
async function unlessItFails<Outcome>(
  work: () => Promise<Outcome>,
): Promise<Outcome | { kind: 'failed'; problem: string }> {
  try {
    return await work();
  } catch (error) {
    if (isOutage(error)) throw error;
    return { kind: 'failed', problem: (error as Error).message };
  }
}
