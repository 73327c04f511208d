import type { MeasuredService } from '../environment/start-services.ts';
import { type Buyer, roundRobin } from '../fixtures/buyers.ts';
import { storeOrders } from '../fixtures/orders.ts';
import { storeTickets } from '../fixtures/tickets.ts';
import type { Step } from '../jobs/send-order-chains.ts';

interface ChainOptions {
  /** Processes on one database. */
  replicas: readonly MeasuredService[];
  buyers: readonly Buyer[];
  /** How many chains. */
  amount: number;
}

/** Purchases of new tickets, alternately at each replica; with `cancelAtOther` the next replica cancels each order. */
export async function purchaseChains(
  { replicas, buyers, amount }: ChainOptions,
  { cancelAtOther }: { cancelAtOther?: true } = {},
): Promise<Step[][]> {
  const tickets = await storeTickets(roundRobin(replicas, 0).database, amount);
  return tickets.map((ticket, index) => {
    const { cookie } = roundRobin(buyers, index);
    const body = JSON.stringify({ ticketId: ticket.toHexString() });
    const { url } = roundRobin(replicas, index).process;
    const purchase: Step = { url, method: 'POST', path: '/api/orders', cookie, body };
    if (!cancelAtOther) return [purchase];
    return [purchase, cancellation(roundRobin(replicas, index + 1), ':id', cookie)];
  });
}

/** Cancellations of stored orders, all at the first replica. */
export async function cancellationChains({ replicas, buyers, amount }: ChainOptions): Promise<Step[][]> {
  const replica = roundRobin(replicas, 0);
  const orders = await storeOrders(replica, { buyers, each: Math.ceil(amount / buyers.length) });
  return orders.slice(0, amount).map(({ id, cookie }) => [cancellation(replica, id, cookie)]);
}

function cancellation({ process }: MeasuredService, id: string, cookie: string): Step {
  const body = '{"status":"cancelled"}';
  return { url: process.url, method: 'PATCH', path: `/api/orders/${id}`, cookie, body };
}
