import { findEach } from '../database/find-together.ts';
import { gather } from '../database/gather.ts';
import type { TicketModel, TicketRecord } from '../tickets/ticket-model.ts';
import { type OrderModel, type OrderRecord, recordsOf } from './order-model.ts';

/** What one purchase looks for: a ticket, and maybe the order that it may have written already. */
interface Wanted {
  ticketId: string;
  orderId: string | undefined;
}

/** What there is of it. */
export interface Seen {
  ticket: TicketRecord | undefined;
  /** The order that holds the ticket. */
  holder: OrderRecord | undefined;
  /** The order of the id that was asked for. */
  own: OrderRecord | undefined;
}

/** One look at a time: it takes little of the database, and those who come meanwhile are many in the next one. */
const oneAtATime = { together: 256, underWay: 1 };

/**
 * The look of a purchase at a ticket, its holder and the order of an id. Purchases of the same moment look together:
 * they share these queries, which go side by side. Since all of them then know at once what they need to, they are
 * written together, too.
 */
export function purchaseLook(orders: OrderModel, tickets: TicketModel): (wanted: Wanted) => Promise<Seen> {
  const stored = recordsOf(orders);
  const ticketsOf = findEach(
    (ids) => tickets.collection.find<TicketRecord>({ _id: { $in: ids } }).toArray(),
    ({ _id }) => _id,
  );
  const holdersOf = findEach(
    (ids) => stored.find({ ticketId: { $in: ids }, holdsTicket: true }).toArray(),
    ({ ticketId }) => ticketId,
  );
  const ordersOf = findEach(
    (ids) => stored.find({ _id: { $in: ids } }).toArray(),
    ({ _id }) => _id,
  );

  return gather(async (wanted) => {
    const ticketIds = wanted.map(({ ticketId }) => ticketId);
    const [found, holders, own] = await Promise.all([
      ticketsOf(ticketIds),
      holdersOf(ticketIds),
      ordersOf(wanted.map(({ orderId }) => orderId)),
    ]);
    return wanted.map((_, place) => ({ ticket: found[place], holder: holders[place], own: own[place] }));
  }, oneAtATime);
}
