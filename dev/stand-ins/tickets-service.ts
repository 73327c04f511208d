import { type OfferedTicket, offerTickets } from './offered-tickets.ts';
import { type BrokerAddress, joinBroker } from './peer.ts';
import { createTicketLocks, lockingSubjects, readOrderEvent } from './ticket-locks.ts';

/** What `GET /api/tickets` shows: with what the storefront needs to say when the ticket may be free again. */
export interface TicketView extends OfferedTicket {
  state: 'free' | 'held' | 'sold';
  /** Of a held ticket: whole seconds from the answer until the hold ends, rounded up. */
  holdSecondsLeft?: number;
}

export interface TicketsService {
  list(): TicketView[];
  find(ticketId: string): TicketView | undefined;
  /** Publishes a ticket's next version. */
  update(ticketId: string): void;
  /** Publishes a ticket's version after the next one, and the next one `lateByMs` later. */
  updateOutOfOrder(ticketId: string, lateByMs: number): void;
  updateTwice(ticketId: string): void;
  /** Publishes what no service can read; the ticket's version is not used up by it. */
  updateMalformed(ticketId: string): void;
  stop(): Promise<void>;
}

export interface TicketsServiceDeps {
  broker: BrokerAddress;
  /** A ticket's price changes every so many milliseconds. */
  changePricesEveryMs: number;
  onChange: () => void;
}

/**
 * Stands in for the tickets service, over the real broker only: offers a dozen tickets, changes their prices, locks
 * and unlocks them as the events of the orders say, and tells of every change by `ticket:updated`.
 */
export function startTicketsService({
  broker,
  changePricesEveryMs,
  onChange,
}: TicketsServiceDeps): TicketsService {
  const peer = joinBroker(broker, 'tickets');
  const locks = createTicketLocks();
  const tickets = offerTickets();
  const late = new Set<NodeJS.Timeout>();
  for (const ticket of tickets.values()) peer.send('ticket:created', JSON.stringify(ticket));

  /** The ticket's next version as a message. The price of a locked ticket stays: somebody is paying it. */
  function next(ticketId: string): string {
    const ticket = tickets.get(ticketId);
    if (!ticket) throw new Error(`there is no ticket ${ticketId}`);
    ticket.version += 1;
    if (ticket.orderId === null) ticket.price = 20 + Math.floor(Math.random() * 60);
    onChange();
    return JSON.stringify(ticket);
  }

  function lock(ticketId: string): void {
    const ticket = tickets.get(ticketId);
    const orderId = locks.holderOf(ticketId)?.id ?? null;
    if (!ticket || ticket.orderId === orderId) return;
    ticket.orderId = orderId;
    ticket.version += 1;
    peer.send('ticket:updated', JSON.stringify(ticket));
  }

  for (const subject of lockingSubjects) {
    peer.broker.subscribe(subject, async ({ data }) => {
      const order = readOrderEvent(subject, data);
      if (!order || !locks.learn(order)) return 'acknowledge';
      lock(order.ticketId);
      onChange();
      return 'acknowledge';
    });
  }

  let turn = 0;
  const ids = [...tickets.keys()];
  const changes = setInterval(() => {
    const id = ids[turn++ % ids.length];
    if (id && tickets.get(id)?.orderId === null) peer.send('ticket:updated', next(id));
  }, changePricesEveryMs);

  function view(ticket: OfferedTicket): TicketView {
    const holder = locks.holderOf(ticket.id);
    if (!holder) return { ...ticket, state: 'free' };
    if (holder.status === 'paid') return { ...ticket, state: 'sold' };
    if (holder.expiresAt === undefined) return { ...ticket, state: 'held' };
    const leftMs = Date.parse(holder.expiresAt) - Date.now();
    return { ...ticket, state: 'held', holdSecondsLeft: Math.max(0, Math.ceil(leftMs / 1_000)) };
  }

  return {
    list: () => [...tickets.values()].map(view),
    find(ticketId) {
      const ticket = tickets.get(ticketId);
      return ticket && view(ticket);
    },
    update: (ticketId) => peer.send('ticket:updated', next(ticketId)),
    updateTwice(ticketId) {
      const message = next(ticketId);
      peer.send('ticket:updated', message);
      peer.send('ticket:updated', message);
    },
    updateOutOfOrder(ticketId, lateByMs) {
      const first = next(ticketId);
      peer.send('ticket:updated', next(ticketId));
      const timer = setTimeout(() => {
        late.delete(timer);
        peer.send('ticket:updated', first);
      }, lateByMs);
      late.add(timer);
    },
    updateMalformed: (ticketId) => peer.send('ticket:updated', `{"id":"${ticketId}","version":`),
    async stop() {
      clearInterval(changes);
      for (const timer of late) clearTimeout(timer);
      await peer.stop();
    },
  };
}
