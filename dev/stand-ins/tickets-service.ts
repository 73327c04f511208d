import { holdExtendedSchema } from '../../src/orders/domain/hold-extended-event.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';
import { type OfferedTicket, offerTickets } from './offered-tickets.ts';
import { parseJson } from './parse-json.ts';
import { connectPeer } from './peer.ts';
import { createTicketLocks, lockingSubjects, readOrderEvent } from './ticket-locks.ts';
import { createTicketTrouble, type TicketTrouble } from './ticket-trouble.ts';

/** The body of `GET /api/tickets`, with what the storefront needs to show when the ticket may be free again. */
export interface TicketView extends OfferedTicket {
  state: 'free' | 'held' | 'sold';
  /** Of a held ticket: whole seconds from the response until the hold ends, rounded up. */
  holdSecondsLeft?: number;
}

export interface TicketsService extends Omit<TicketTrouble, 'stop'> {
  list(): TicketView[];
  find(ticketId: string): TicketView | undefined;
  stop(): Promise<void>;
}

export interface TicketsServiceDeps {
  broker: BrokerAddress;
  /** After so many milliseconds the price of the next ticket changes. */
  changePricesEveryMs: number;
  /** Called when a ticket has changed. */
  onChange: () => void;
}

/**
 * Stands in for the tickets service, over the real broker only: offers a dozen tickets, changes their prices, locks
 * and unlocks them as the events of the orders say, and publishes every change as `ticket:updated`.
 */
export function startTicketsService({
  broker,
  changePricesEveryMs,
  onChange,
}: TicketsServiceDeps): TicketsService {
  const peer = connectPeer(broker, 'tickets');
  const locks = createTicketLocks();
  const tickets = offerTickets();
  for (const ticket of tickets.values()) peer.send('ticket:created', JSON.stringify(ticket));

  /** The ticket's next version as a message. The price of a locked ticket stays: its buyer is paying it. */
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
    const orderId = locks.holdingOrder(ticketId)?.id ?? null;
    if (!ticket || ticket.orderId === orderId) return;
    ticket.orderId = orderId;
    ticket.version += 1;
    peer.send('ticket:updated', JSON.stringify(ticket));
  }

  for (const subject of lockingSubjects) {
    peer.broker.subscribe(subject, async ({ data }) => {
      const order = readOrderEvent(subject, data);
      if (!order || !locks.record(order)) return 'acknowledge';
      lock(order.ticketId);
      onChange();
      return 'acknowledge';
    });
  }

  /** Until when holds were extended, by the order's id, in ISO 8601. */
  const extendedTo = new Map<string, string>();
  peer.broker.subscribe('order:hold-extended', async ({ data }) => {
    const read = holdExtendedSchema.safeParse(parseJson(data));
    if (!read.success) return 'acknowledge';
    const { id, expiresAt } = read.data;
    if (expiresAt > (extendedTo.get(id) ?? '')) extendedTo.set(id, expiresAt);
    onChange();
    return 'acknowledge';
  });

  const send = (message: string) => peer.send('ticket:updated', message);
  const trouble = createTicketTrouble({ next: async (ticketId) => next(ticketId), send });

  let turn = 0;
  const ids = [...tickets.keys()];
  const changes = setInterval(() => {
    const id = ids[turn++ % ids.length];
    if (id && tickets.get(id)?.orderId === null) send(next(id));
  }, changePricesEveryMs);

  function view(ticket: OfferedTicket): TicketView {
    const order = locks.holdingOrder(ticket.id);
    if (!order) return { ...ticket, state: 'free' };
    if (order.status === 'paid') return { ...ticket, state: 'sold' };
    if (order.expiresAt === undefined) return { ...ticket, state: 'held' };
    const leftMs = Date.parse(extendedTo.get(order.id) ?? order.expiresAt) - Date.now();
    return { ...ticket, state: 'held', holdSecondsLeft: Math.max(0, Math.ceil(leftMs / 1_000)) };
  }

  return {
    ...trouble,
    list: () => [...tickets.values()].map(view),
    find(ticketId) {
      const ticket = tickets.get(ticketId);
      return ticket && view(ticket);
    },
    async stop() {
      clearInterval(changes);
      trouble.stop();
      await peer.stop();
    },
  };
}
