import type { StoredOrder } from '../../faults/history/history.ts';
import { takeSnapshot } from '../../faults/history/snapshot.ts';
import { createClient } from '../../faults/load/client.ts';
import type { Publish } from '../../faults/load/publisher.ts';
import type { Deployment } from './deployment.ts';

/** What this version does, with its settings on, to orders that are from before. */

/** So many of each kind are enough. */
const maxOrders = 20;

/**
 * Tells that payments which have bought under 0.1 were given back. Resolves with their orders: those that are paid, and whose
 * history does not name the payment.
 */
export async function refundSalesOf01(
  { mongoUri }: Pick<Deployment, 'mongoUri'>,
  publish: Publish,
): Promise<string[]> {
  const { orders } = await takeSnapshot(mongoUri);
  const sold = orders.filter(
    ({ status, history }) => status === 'paid' && history.every(({ paymentId }) => paymentId === undefined),
  );
  const refunded = sold.slice(0, maxOrders);
  await Promise.all(
    refunded.map(({ id: orderId, payments }) => {
      const paymentId = payments.find(({ refund }) => refund === undefined)?.id;
      return publish('payment:refunded', JSON.stringify({ orderId, paymentId }));
    }),
  );
  return refunded.map(({ id }) => id);
}

/** What is wrong with the orders whose payments were given back so. */
export function refundFlaws(orders: readonly StoredOrder[], refunded: readonly string[]): string[] {
  if (refunded.length === 0) return ['0.1 has sold nothing'];
  return orders
    .filter(({ id }) => refunded.includes(id))
    .filter(({ history }) => history.at(-1)?.cause !== 'refund')
    .map(({ id, status }) => `order ${id} was given back, and is ${status}`);
}

/**
 * Has buyers ask again for tickets that they let run out before, and that are free: some whose order each of the services has
 * placed. Resolves with what is wrong about the answers.
 */
export async function cooldownFlaws(
  deployment: Deployment,
  orders: readonly StoredOrder[],
  before: number,
): Promise<string[]> {
  const client = createClient(deployment);
  const held = new Set(orders.flatMap(({ holdsTicket, ticketId }) => (holdsTicket ? [ticketId] : [])));
  const placed = deployment.answers.filter(({ kind, sentAt }) => kind === 'place' && sentAt < before);
  const placedBy = new Map(placed.map(({ shown, service }) => [shown?.id, service]));
  const runOut = orders.filter(
    ({ status, payments, ticketId }) => status === 'expired' && payments.length === 0 && !held.has(ticketId),
  );
  const flaws = ['service-1', 'service-2'].map(async (service) => {
    const chosen = runOut.filter(({ id }) => placedBy.get(id) === service).slice(0, maxOrders);
    if (chosen.length === 0) return [`no order of ${service} has run out`];
    const answers = await Promise.all(
      chosen.map(({ id, userId, ticketId }) =>
        client({ kind: 'place', requestId: `cooldown-${id}`, service: 'service-1', userId, ticketId }),
      ),
    );
    return answers
      .filter(({ status }) => status !== 409)
      .map(({ requestId, status }) => `${requestId} was answered ${status}`);
  });
  return (await Promise.all(flaws)).flat();
}
