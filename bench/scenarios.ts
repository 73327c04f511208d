import { randomUUID } from 'node:crypto';
import type { LoadRequest, LoadResult } from './run/load.ts';
import type { Contestant, ContestantName } from './stage.ts';
import { type Buyer, inTurn } from './stored/buyers.ts';
import { type StoredOrder, storeOrders } from './stored/orders.ts';
import { storeTickets } from './stored/tickets.ts';

/** Who asks, and what for. */
export interface Cast {
  contestant: Contestant;
  /** They place and cancel, so their lists grow. */
  buyers: readonly Buyer[];
  /** They look at the orders that they have, 30 each. */
  viewers: readonly Buyer[];
  orders: readonly StoredOrder[];
}

/** A kind of request under measurement. */
export interface Scenario {
  name: 'place' | 'place with a key' | 'show' | 'list' | 'cancel' | 'hot ticket';
  prepare(cast: Cast, amount: number): Promise<LoadRequest[]>;
  /** What is wrong with the answers; a benchmark of failures would be worth nothing. */
  complaint(who: ContestantName, statuses: LoadResult['statuses'], amount: number): string | undefined;
}

const base = '/api/orders';
const all =
  (status: number): Scenario['complaint'] =>
  (_who, statuses, amount) =>
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
  async prepare({ contestant, buyers }, amount) {
    const tickets = await storeTickets(contestant.database, amount);
    return tickets.map((ticket, turn) => purchase(inTurn(buyers, turn), ticket.toHexString()));
  },
  complaint: all(201),
};

/** As a careful client does it. The usual way knows no keys. */
export const placeWithKey: Scenario = {
  name: 'place with a key',
  async prepare(cast, amount) {
    const requests = await place.prepare(cast, amount);
    return requests.map((request) => ({ ...request, key: randomUUID() }));
  },
  complaint: all(201),
};

export const show: Scenario = {
  name: 'show',
  async prepare({ orders }, amount) {
    return Array.from({ length: amount }, (_, turn) => {
      const { id, cookie } = inTurn(orders, turn);
      return { method: 'GET', path: `${base}/${id}`, cookie };
    });
  },
  complaint: all(200),
};

export const list: Scenario = {
  name: 'list',
  async prepare({ viewers }, amount) {
    return Array.from({ length: amount }, (_, turn) => ({
      method: 'GET',
      path: base,
      cookie: inTurn(viewers, turn).cookie,
    }));
  },
  complaint: all(200),
};

export const cancel: Scenario = {
  name: 'cancel',
  async prepare({ contestant, buyers }, amount) {
    const each = Math.ceil(amount / buyers.length);
    const orders = await storeOrders(contestant, { buyers, each });
    return orders.slice(0, amount).map(({ id, cookie }) => ({
      method: 'PATCH',
      path: `${base}/${id}`,
      cookie,
      body: '{"status":"cancelled"}',
    }));
  },
  complaint: all(200),
};

/** One ticket for everybody. Ours sells it once; the usual way may sell it several times, which is told. */
export const hotTicket: Scenario = {
  name: 'hot ticket',
  async prepare({ contestant, buyers }, amount) {
    const [ticket] = await storeTickets(contestant.database, 1);
    const ticketId = ticket?.toHexString() ?? '';
    return Array.from({ length: amount }, (_, turn) => purchase(inTurn(buyers, turn), ticketId));
  },
  complaint(who, statuses, amount) {
    const [maxSales, refusal] = who === 'ours' ? [1, 409] : [amount, 400];
    const { 201: sold = 0, [refusal]: refused = 0 } = statuses;
    if (sold >= 1 && sold <= maxSales && sold + refused === amount) return undefined;
    return `1 to ${maxSales} sales and refusals by ${refusal} wanted, got ${JSON.stringify(statuses)}`;
  },
};
