import type { Broker } from '../../messaging/broker.ts';
import { isSpaced } from '../domain/event-spacing.ts';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-events.ts';
import { hasReleasedTicket, rebuildEvents, type TimeRange } from '../domain/rebuild-events.ts';
import type { PastOrderStore, StoredPast } from '../store/past-order-store.ts';

/** Which events of an order are sent again. */
export interface RepublishScope extends TimeRange {
  /**
   * Whether orders that have released their ticket are left out: a peer that does not know repetitions by their
   * `eventId` unlocks the ticket once more, and somebody else holds it by now.
   */
  released: 'leave_out' | 'send';
}

/** What is to be done with an order as it was read: send these events, nothing since it is left out, or nothing at all. */
export type RepublishPlan =
  | { kind: 'send'; order: Order; events: OrderEvent[] }
  | { kind: 'left_out'; order: Order }
  | { kind: 'unreadable'; problem: unknown };

export type UnsentPlan = Exclude<RepublishPlan, { kind: 'send' }>;

/**
 * What happens while the events of an order are sent again. `changed` is what the order means from now on. After `rests` the
 * caller lets so much time pass before it asks for the next step.
 */
export type RepublishStep =
  | { kind: 'sent'; event: OrderEvent }
  | { kind: 'rests'; milliseconds: number }
  | { kind: 'changed'; plan: Exclude<RepublishPlan, { kind: 'unreadable' }> }
  | UnsentPlan;

/** Plans what is sent again of an order, `sent` aside. An order without events in that time is not left out. Never throws. */
export function planRepublish(
  { read }: StoredPast,
  { released, ...range }: RepublishScope,
  sent: ReadonlySet<string> = new Set(),
): RepublishPlan {
  try {
    const past = read();
    const { order } = past;
    const events = rebuildEvents(past, range).filter(({ eventId }) => !sent.has(eventId));
    const isLeftOut = released === 'leave_out' && hasReleasedTicket(order);
    return isLeftOut && events.length > 0 ? { kind: 'left_out', order } : { kind: 'send', order, events };
  } catch (problem) {
    return { kind: 'unreadable', problem };
  }
}

export interface RepublishDeps {
  orders: Pick<PastOrderStore, 'findPast'>;
  /** What is published as an event's data. */
  toData: (event: OrderEvent) => object;
  broker: Pick<Broker, 'publish'>;
  /** Resolves when the next event may leave. */
  waitTurn: () => Promise<void>;
  /** The minimum time between two spaced events of one order. */
  eventSpacingMs: number;
  /** No order is begun once it has aborted; one that is begun is finished. */
  signal: AbortSignal;
}

/**
 * Sends the events of an order again, one after the other. Each time its turn has come, the order is read again, and what
 * it is then decides. Yields what happened, right after it did.
 *
 * @throws when the broker does not acknowledge an event, or with the signal's reason before the first one
 */
export async function* republishOrder(
  { orders, broker, toData, waitTurn, eventSpacingMs, signal }: RepublishDeps,
  listed: StoredPast,
  scope: RepublishScope,
): AsyncGenerator<RepublishStep> {
  const sent = new Set<string>();
  const spacing = createSpacing(eventSpacingMs);
  let plan = planRepublish(listed, scope);
  while (plan.kind === 'send' && plan.events[0]) {
    const before: Order = plan.order;
    if (spacing.isDueBefore(plan.events[0])) yield spacing.rest();
    await waitTurn();
    if (sent.size === 0) signal.throwIfAborted();
    plan = planRepublish(await orders.findPast(listed.id), scope, sent);
    if (plan.kind !== 'unreadable' && isChanged(before, plan.order)) yield { kind: 'changed', plan };
    if (plan.kind !== 'send') break;
    const [event, ...later]: OrderEvent[] = plan.events;
    // A change during the wait may have put another event first.
    if (!event || spacing.isDueBefore(event)) continue;
    await broker.publish(event.subject, JSON.stringify(toData(event)));
    sent.add(event.eventId);
    spacing.afterSent(event);
    yield { kind: 'sent', event };
    plan = { ...plan, events: later };
  }
  if (plan.kind !== 'send') yield plan;
}

/** Knows whether a rest is due: a spaced event was sent, and none since. */
function createSpacing(milliseconds: number) {
  let isDue = false;
  return {
    isDueBefore: (event: OrderEvent) => isDue && isSpaced(event),
    rest(): RepublishStep {
      isDue = false;
      return { kind: 'rests', milliseconds };
    },
    afterSent(event: OrderEvent): void {
      if (milliseconds > 0 && isSpaced(event)) isDue = true;
    },
  };
}

/** Each change of an order grows its version, extends its hold, is a payment that bought nothing, or completes a refund. */
function isChanged(before: Order, now: Order): boolean {
  const sizes = ({ version, extensions, payments }: Order) => [
    ...[version, extensions.length, payments.length],
    payments.filter(({ refundCompletedAt }) => refundCompletedAt).length,
  ];
  return sizes(now).join() !== sizes(before).join();
}
