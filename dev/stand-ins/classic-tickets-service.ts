import { setTimeout as delay } from 'node:timers/promises';
import { Schema, Types } from 'mongoose';
import type { NatsStreamingAddress } from '../embedded/embedded-server.ts';
import { betweenReadAndSaveMs, lockOptimistically, openClassicDatabase } from './classic-documents.ts';
import { type ClassicPeer, type Content, connectClassicPeer } from './classic-peer.ts';
import type { OfferedTicket } from './offered-tickets.ts';
import { createTicketTrouble, type TicketTrouble } from './ticket-trouble.ts';

/** Its next versions are sellers' edits of the price: they reject when something else has changed the ticket meanwhile. */
export interface ClassicTicketsService extends Omit<TicketTrouble, 'stop'> {
  /** Puts tickets on sale. Resolves once the broker has the news. */
  offer(tickets: readonly OfferedTicket[]): Promise<void>;
  /** Those that were offered since the start, in that order. */
  list(): Promise<OfferedTicket[]>;
  find(ticketId: string): Promise<OfferedTicket | undefined>;
  peer: ClassicPeer;
  stop(): Promise<void>;
}

export interface ClassicServiceDeps {
  broker: NatsStreamingAddress;
  /** The service's own database. */
  mongoUri: string;
}

interface ClassicTicketsServiceDeps extends ClassicServiceDeps {
  /** Called when a ticket has changed. */
  onChange: () => void;
}

interface TicketRecord extends Omit<OfferedTicket, 'id'> {
  _id: Types.ObjectId;
}

const ticketSchema = new Schema<TicketRecord>(
  {
    title: { type: String, required: true },
    price: { type: Number, required: true },
    userId: { type: String, required: true },
    orderId: { type: String, default: null },
  },
  { versionKey: 'version' },
);
lockOptimistically(ticketSchema);

/**
 * Stands in for the tickets service of a classic marketplace: a ticket has the id of the order that it is locked for. An
 * `order:created` sets it whatever is there, an `order:cancelled` clears it whoever it belongs to; nothing remembers an
 * event or an order's version. Sellers' edits take the same optimistic lock. Who loses it does not acknowledge.
 */
export async function startClassicTicketsService({
  broker,
  mongoUri,
  onChange,
}: ClassicTicketsServiceDeps): Promise<ClassicTicketsService> {
  const database = await openClassicDatabase(mongoUri);
  const tickets = database.model('Ticket', ticketSchema);
  const peer = connectClassicPeer(broker, 'classic-tickets');
  const offered: string[] = [];

  async function save(ticketId: string, change: { orderId: string | null } | { price: number }) {
    const ticket = await tickets.findById(ticketId);
    if (!ticket) throw new Error('Ticket not found');
    await delay(betweenReadAndSaveMs);
    ticket.set(change);
    await ticket.save();
    onChange();
    return JSON.stringify(toTicket(ticket));
  }

  async function lock({ ticket }: Content, orderId: string | null): Promise<void> {
    await peer.publish('ticket:updated', await save(ticket.id, { orderId }));
  }

  peer.listen('order:created', (order) => lock(order, order.id));
  peer.listen('order:cancelled', (order) => lock(order, null));

  const trouble = createTicketTrouble({
    next: (ticketId) => save(ticketId, { price: 20 + Math.floor(Math.random() * 60) }),
    send: (message) => void peer.publish('ticket:updated', message),
  });

  return {
    ...trouble,
    async offer(news) {
      await tickets.insertMany(news.map(({ id, ...ticket }) => ({ ...ticket, _id: new Types.ObjectId(id) })));
      offered.push(...news.map(({ id }) => id));
      await Promise.all(news.map((ticket) => peer.publish('ticket:created', JSON.stringify(ticket))));
    },
    async list() {
      const stored = await tickets.find({ _id: { $in: offered } }).lean();
      const byId = new Map(stored.map((ticket) => [ticket._id.toHexString(), toTicket(ticket)]));
      return offered.flatMap((id) => byId.get(id) ?? []);
    },
    async find(ticketId) {
      const ticket = Types.ObjectId.isValid(ticketId) ? await tickets.findById(ticketId).lean() : null;
      return ticket ? toTicket(ticket) : undefined;
    },
    peer,
    async stop() {
      trouble.stop();
      await peer.stop();
      await database.close();
    },
  };
}

function toTicket({ _id, version, title, price, userId, orderId }: TicketRecord): OfferedTicket {
  return { id: _id.toHexString(), version, title, price, userId, orderId };
}
