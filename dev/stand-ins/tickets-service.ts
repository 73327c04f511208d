import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import nats, { type Stan } from 'node-nats-streaming';

export interface OfferedTicket {
  id: string;
  version: number;
  title: string;
  /** In the currency's major unit. */
  price: number;
  userId: string;
}

export interface TicketsService {
  tickets: readonly OfferedTicket[];
  stop(): Promise<void>;
}

const titles = [
  'Chamber music at noon',
  'Jazz in the cellar',
  'The late comedy show',
  'Open-air cinema',
  'Cup final, east stand',
  'Folk night',
  'Opera, second balcony',
  'Poetry slam',
  'Stand-up marathon',
  'Symphony no. 9',
  'Techno till dawn',
  'Winter circus',
];

/**
 * Stands in for the tickets service: publishes a dozen tickets and keeps changing their prices, one every
 * `everyMs` milliseconds, over the real broker.
 *
 * @throws when the broker cannot be reached
 */
export async function startTicketsService(
  broker: { url: string; clusterId: string },
  everyMs: number,
): Promise<TicketsService> {
  const stan = await connect(broker);
  const userId = new mongoose.Types.ObjectId().toHexString();
  const tickets = titles.map((title, index) => ({
    id: new mongoose.Types.ObjectId().toHexString(),
    version: 0,
    title,
    price: 20 + 5 * index,
    userId,
  }));
  for (const ticket of tickets) await publish(stan, 'ticket:created', ticket);

  let turn = 0;
  const timer = setInterval(() => {
    const ticket = tickets[turn++ % tickets.length];
    if (!ticket) return;
    ticket.version++;
    ticket.price = 20 + Math.floor(Math.random() * 60);
    publish(stan, 'ticket:updated', ticket).catch((error: unknown) =>
      console.error(`tickets: ${String(error)}`),
    );
  }, everyMs);

  return {
    tickets,
    async stop() {
      clearInterval(timer);
      await new Promise<void>((resolve) => {
        stan.once('close', () => resolve());
        stan.close();
      });
    },
  };
}

function connect({ url, clusterId }: { url: string; clusterId: string }): Promise<Stan> {
  return new Promise((resolve, reject) => {
    const stan = nats.connect(clusterId, `tickets-${randomUUID().slice(0, 8)}`, { url });
    stan.once('connect', () => resolve(stan));
    stan.on('error', (error: unknown) => reject(new Error(String(error))));
  });
}

function publish(stan: Stan, subject: string, ticket: OfferedTicket): Promise<void> {
  return new Promise((resolve, reject) => {
    stan.publish(subject, JSON.stringify(ticket), (error) =>
      error ? reject(new Error(String(error))) : resolve(),
    );
  });
}
