import mongoose from 'mongoose';
import type { History, StoredOrder, StoredTicket } from './history.ts';

type Snapshot = Pick<History, 'orders' | 'tickets' | 'parked' | 'deadLetters'>;
type Document = Record<string, unknown>;

/** What the database holds, in the form that the rules read. */
export async function takeSnapshot(mongoUri: string): Promise<Snapshot> {
  const client = new mongoose.mongo.MongoClient(mongoUri);
  try {
    const all = (name: string) => client.db().collection(name).find().toArray() as Promise<Document[]>;
    return {
      orders: (await all('orders')).map((document) => storedOrder(document)),
      tickets: (await all('tickets')).map((document) => storedTicket(document)),
      parked: (await all('parked_ticket_updates')).map(({ ticketId, version }) => ({
        ticketId: String(ticketId),
        version: Number(version),
      })),
      deadLetters: (await all('dead_letters')).map(({ subject, sequence, timestamp, reason }) => ({
        ...{ subject: String(subject), sequence: Number(sequence) },
        ...{ timestamp: String(timestamp), reason: String(reason) },
      })),
    };
  } finally {
    await client.close();
  }
}

/** Documents come from the service under test, whose types are not trusted here: dates become numbers. */
function storedOrder(document: Document): StoredOrder {
  const { _id, ticketId, holdsTicket, idempotency, outbox, relayDueAt: _, ...rest } = document;
  const key = (idempotency as { key?: string } | undefined)?.key;
  return {
    ...(inMilliseconds(rest) as Omit<StoredOrder, 'id' | 'ticketId' | 'holdsTicket' | 'outbox'>),
    id: String(_id),
    ticketId: String(ticketId),
    holdsTicket: holdsTicket === true,
    ...(key !== undefined && { key }),
    outbox: (outbox as { eventId: string }[]).map(({ eventId }) => eventId),
  };
}

function storedTicket({ _id, ...rest }: Document): StoredTicket {
  return { jumps: [], ...(inMilliseconds(rest) as Omit<StoredTicket, 'id' | 'jumps'>), id: String(_id) };
}

function inMilliseconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(inMilliseconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inMilliseconds(inner)]));
}
