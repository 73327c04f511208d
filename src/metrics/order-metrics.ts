import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Order, refundReasons } from '../orders/domain/order.ts';
import type { OrderChange } from '../orders/domain/order-change.ts';
import { askedRefund } from '../orders/domain/refund.ts';
import type { PlaceOrderOutcome } from '../orders/use-cases/place-order.ts';

type RefusalKind = Exclude<PlaceOrderOutcome['kind'], 'placed'>;

/** The label of each refusal. Dashboards and alerts know the labels, so they stay when the code changes its words. */
const refusalLabels: Record<RefusalKind, string> = {
  ticket_not_found: 'ticket_not_found',
  ticket_reserved: 'ticket_reserved',
  ticket_sold: 'ticket_sold',
  key_mismatch: 'key_reused',
  too_many_pending: 'too_many_pending',
  cooldown: 'cooldown',
  conflict: 'contended',
};

/** Counts what happens to orders. Only effective writes count: no replay, no duplicate, no lost race. */
export function orderMetrics(registry: Registry) {
  const registers = [registry];
  const placed = new Counter({ name: 'orders_placed_total', help: 'Orders placed', registers });
  const refused = new Counter({
    name: 'orders_refused_total',
    help: 'Purchases refused, by reason',
    labelNames: ['reason'],
    registers,
  });
  const cancelled = new Counter({
    name: 'orders_cancelled_total',
    help: 'Orders cancelled by their buyers',
    registers,
  });
  const expired = new Counter({
    name: 'orders_expired_total',
    help: 'Orders whose hold ended: by time alone (expiry), or by the next buyer (takeover)',
    labelNames: ['cause'],
    registers,
  });
  const paid = new Counter({
    name: 'orders_paid_total',
    help: 'Orders paid, by the status they had: pending, or expired (a late payment)',
    labelNames: ['from'],
    registers,
  });
  const refundsDue = new Counter({
    name: 'orders_refunds_due_total',
    help: 'Payments that bought nothing and are to be given back, by reason',
    labelNames: ['reason'],
    registers,
  });
  const refunded = new Counter({
    name: 'orders_refunded_total',
    help: 'Paid orders cancelled since their payment was given back',
    registers,
  });
  const holdToPay = new Histogram({
    name: 'orders_hold_to_pay_seconds',
    help: 'Time from placing an order to its payment',
    buckets: [5, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600],
    registers,
  });
  // An increase is only seen between two samples, so what is rare starts with a sample of 0.
  for (const cause of ['expiry', 'takeover']) expired.inc({ cause }, 0);
  for (const from of ['pending', 'expired']) paid.inc({ from }, 0);
  for (const reason of refundReasons) refundsDue.inc({ reason }, 0);
  for (const reason of Object.values(refusalLabels)) refused.inc({ reason }, 0);

  return {
    /** Registers the gauge of the hold index. */
    observeHoldIndex({ isUp }: { isUp: () => boolean }): void {
      new Gauge({
        name: 'orders_hold_index_up',
        help: 'Whether the index is there that lets one order hold a ticket',
        registers,
        collect() {
          this.set(isUp() ? 1 : 0);
        },
      });
    },
    onPlaced: () => placed.inc(),
    onRefused: (kind: RefusalKind) => refused.inc({ reason: refusalLabels[kind] }),
    onOrderChange({ expected, push }: OrderChange, order: Pick<Order, 'createdAt'>) {
      const { history: change, payments: payment } = push;
      const reason = payment && askedRefund(payment);
      if (reason) refundsDue.inc({ reason });
      if (change?.status === 'cancelled') (change.cause === 'buyer' ? cancelled : refunded).inc();
      if (change?.status === 'expired') expired.inc({ cause: change.cause });
      if (change?.status === 'paid') {
        paid.inc({ from: expected.status });
        holdToPay.observe((change.at.getTime() - order.createdAt.getTime()) / 1_000);
      }
    },
  };
}
