import { randomUUID } from 'node:crypto';
import type { MeasuredService } from '../environment/start-services.ts';
import { type Buyer, roundRobin } from '../fixtures/buyers.ts';
import { type ServiceName, type StoredOrder, storeOrders } from '../fixtures/orders.ts';
import { storeTickets } from '../fixtures/tickets.ts';
import type { LoadRequest, LoadResult } from '../jobs/load.ts';

/** A service under measurement, with buyers and orders in its database. */
export interface SeededService {
  service: MeasuredService;
  /** They place and cancel orders, so their lists grow. */
  buyers: readonly Buyer[];
  /** They read their orders, 30 each. */
  viewers: readonly Buyer[];
  orders: readonly StoredOrder[];
}

/** A kind of request under measurement. */
export interface Scenario {
  name: 'place' | 'place with a key' | 'show' | 'list' | 'cancel' | 'hot ticket';
  prepare(seeded: SeededService, amount: number): Promise<LoadRequest[]>;
  /** What is wrong with the responses, if anything: the speed of failures would say nothing. */
  findProblem(service: ServiceName, statuses: LoadResult['statuses'], amount: number): string | undefined;
}

const base = '/api/orders';
const all =
  (status: number): Scenario['findProblem'] =>
  (_service, statuses, amount) =>
    statuses[status] === amount
      ? undefined
      : `${amount} times ${status} wanted, got ${JSON.stringify(statuses)}`;

const purchase = (buyer: Buyer, ticketId: string): LoadRequest => ({
  method: 'POST',
  path: base,
  cookie: buyer.cookie,
  body: JSON.stringify({ ticketId }),
});

export const place: Scenario = {
  name: 'place',
  async prepare({ service, buyers }, amount) {
    const tickets = await storeTickets(service.database, amount);
    return tickets.map((ticket, index) => purchase(roundRobin(buyers, index), ticket.toHexString()));
  },
  findProblem: all(201),
};

/** As a careful client does it. The baseline has no idempotency keys. */
export const placeWithKey: Scenario = {
  name: 'place with a key',
  async prepare(seeded, amount) {
    const requests = await place.prepare(seeded, amount);
    return requests.map((request) => ({ ...request, key: randomUUID() }));
  },
  findProblem: all(201),
};

export const show: Scenario = {
  name: 'show',
  async prepare({ orders }, amount) {
    return Array.from({ length: amount }, (_, index) => {
      const { id, cookie } = roundRobin(orders, index);
      return { method: 'GET', path: `${base}/${id}`, cookie };
    });
  },
  findProblem: all(200),
};

export const list: Scenario = {
  name: 'list',
  async prepare({ viewers }, amount) {
    return Array.from({ length: amount }, (_, index) => ({
      method: 'GET',
      path: base,
      cookie: roundRobin(viewers, index).cookie,
    }));
  },
  findProblem: all(200),
};

export const cancel: Scenario = {
  name: 'cancel',
  async prepare({ service, buyers }, amount) {
    const each = Math.ceil(amount / buyers.length);
    const orders = await storeOrders(service, { buyers, each });
    return orders.slice(0, amount).map(({ id, cookie }) => ({
      method: 'PATCH',
      path: `${base}/${id}`,
      cookie,
      body: '{"status":"cancelled"}',
    }));
  },
  findProblem: all(200),
};

/** One ticket for everybody. The candidate sells it once; the baseline may sell it several times, which is reported. */
export const hotTicket: Scenario = {
  name: 'hot ticket',
  async prepare({ service, buyers }, amount) {
    const [ticket] = await storeTickets(service.database, 1);
    const ticketId = ticket?.toHexString() ?? '';
    return Array.from({ length: amount }, (_, index) => purchase(roundRobin(buyers, index), ticketId));
  },
  findProblem(service, statuses, amount) {
    const [maxSales, refusal] = service === 'candidate' ? [1, 409] : [amount, 400];
    const { 201: sold = 0, [refusal]: refused = 0 } = statuses;
    if (sold >= 1 && sold <= maxSales && sold + refused === amount) return undefined;
    return `1 to ${maxSales} sales and refusals by ${refusal} wanted, got ${JSON.stringify(statuses)}`;
  },
};
