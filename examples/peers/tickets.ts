import mongoose, { type Connection, type HydratedDocument, Schema } from 'mongoose';
import type { Stan } from 'node-nats-streaming';
import { type KnownOrder, keepNewest } from './keep-newest.ts';
import { listen, type OrderEvent, publish } from './listen.ts';

/**
 * A small tickets service beside the orders service: it locks a ticket for the order that holds it, and for no other.
 * docs/peers.md says why each part is there.
 */

interface Ticket {
  title: string;
  price: number;
  /** The seller. */
  userId: string;
  /** The order that the ticket is locked for. */
  orderId?: string | undefined;
  version: number;
}

const ticketSchema = new Schema<Ticket>(
  {
    title: { type: String, required: true },
    price: { type: Number, required: true },
    userId: { type: String, required: true },
    orderId: String,
  },
  // A save that changes something grows the version by 1, and fails where another one came between read and save.
  { versionKey: 'version', optimisticConcurrency: true },
);

interface TicketOrder extends KnownOrder {
  ticketId: string;
  state: 'pending' | 'paid' | 'over';
}

const orderSchema = new Schema<TicketOrder>({
  _id: String,
  version: { type: Number, required: true },
  ticketId: { type: String, required: true },
  state: { type: String, required: true },
}).index({ ticketId: 1, state: 1 });

/** By subject and not by `status`: what the statuses are called is a setting of the orders service. */
const states = { 'order:created': 'pending', 'order:paid': 'paid', 'order:cancelled': 'over' } as const;

export async function startTicketsService({ connection, stan }: { connection: Connection; stan: Stan }) {
  const tickets = connection.model('Ticket', ticketSchema);
  const orders = connection.model('Order', orderSchema);
  await orders.createIndexes();

  /** The one that is paid, else the one that has the lock already, else any that is pending. */
  async function holdingOrder(ticketId: string, lockedFor: string | undefined): Promise<string | undefined> {
    const holding = await orders.find({ ticketId, state: { $in: ['pending', 'paid'] } });
    const paid = holding.find(({ state }) => state === 'paid');
    return (paid ?? holding.find(({ id }) => id === lockedFor) ?? holding[0])?.id;
  }

  /**
   * Locks the ticket for the order that holds it, or unlocks it. It reads the ticket first and the orders then, so that a
   * save with stale orders fails; and all once more after a save, since an order may have come meanwhile whose own
   * listener has found the lock as it should be.
   */
  async function lock(ticketId: string, again: boolean): Promise<void> {
    for (;;) {
      const ticket = await tickets.findById(ticketId);
      if (!ticket) return console.error(`there is no ticket ${ticketId}`);
      const orderId = await holdingOrder(ticketId, ticket.orderId);
      if (ticket.orderId === orderId) {
        // The process that had this message before may have ended between its save and its publish.
        if (again) await publishTicket('ticket:updated', ticket);
        return;
      }
      ticket.orderId = orderId;
      await saveAndPublish(ticket);
    }
  }

  async function publishTicket(
    subject: 'ticket:created' | 'ticket:updated',
    { id, version, title, price, userId, orderId }: HydratedDocument<Ticket>,
  ): Promise<void> {
    await publish(stan, subject, { id, version, title, price, userId, orderId });
  }

  /** @returns whether it was saved: not if the ticket has changed since it was read */
  async function saveAndPublish(ticket: HydratedDocument<Ticket>): Promise<boolean> {
    try {
      await ticket.save();
    } catch (error) {
      if (error instanceof mongoose.Error.VersionError) return false;
      throw error;
    }
    await publishTicket('ticket:updated', ticket);
    return true;
  }

  for (const subject of ['order:created', 'order:paid', 'order:cancelled'] as const) {
    await listen<OrderEvent>({
      stan,
      subject,
      queueGroup: 'tickets-service',
      async onMessage({ id, version, ticket }, again) {
        await keepNewest(orders, { _id: id, version, ticketId: ticket.id, state: states[subject] });
        await lock(ticket.id, again);
      },
    });
  }

  return {
    /** A seller's new ticket. Resolves with its id. */
    async create(details: Pick<Ticket, 'title' | 'price' | 'userId'>): Promise<string> {
      const ticket = await tickets.create(details);
      await publishTicket('ticket:created', ticket);
      return ticket.id;
    },

    /** A seller's change of a ticket. One that is locked stays as it is: somebody is paying for it. */
    async edit(ticketId: string, change: { title?: string; price?: number }): Promise<'edited' | 'refused'> {
      for (;;) {
        const ticket = await tickets.findById(ticketId);
        if (!ticket || ticket.orderId) return 'refused';
        ticket.set(change);
        if (await saveAndPublish(ticket)) return 'edited';
      }
    },
  };
}
