import mongoose, { type Connection } from 'mongoose';
import type { OrdersApi } from './orders-api.ts';

interface ListReading {
  /** Whose list it is, as headers. */
  buyer: Record<string, string>;
  /** Its first page. */
  path: string;
  /** Is called when a page was read, before the next one is. */
  afterPage?: () => Promise<unknown>;
}

interface Page {
  ids: string[];
  /** What its Link leads to. */
  link?: { path: string; rel: string };
}

/** Reads a list from a page on, wherever the Link of each page leads, while there is one. */
export async function readPages(
  { http }: Pick<OrdersApi, 'http'>,
  { buyer, path, afterPage }: ListReading,
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let next: string | undefined = path; next; ) {
    const answer: { body: { id: string }[]; headers: Record<string, string | undefined> } = await http
      .get(next)
      .set(buyer)
      .expect(200);
    const [, linked, rel] = /^<(.+)>; rel="(.+)"$/.exec(answer.headers['link'] ?? '') ?? [];
    pages.push({
      ids: answer.body.map(({ id }) => id),
      ...(linked && rel && { link: { path: linked, rel } }),
    });
    next = linked;
    await afterPage?.();
  }
  return pages;
}

/**
 * Stores cancelled orders of a user, created at these times, and resolves with their ids. Of two orders of the same time
 * the later one in the list has the higher id.
 */
export async function storePastOrders(
  database: Connection,
  { userId, times }: { userId: string; times: Date[] },
): Promise<string[]> {
  const ticket = { title: 't', price: 1, version: 0 };
  const records = times.map((createdAt) => ({
    ...{ _id: new mongoose.Types.ObjectId(), ticketId: new mongoose.Types.ObjectId(), userId, ticket },
    ...{ createdAt, expiresAt: createdAt, status: 'cancelled', version: 1, payments: [], history: [] },
  }));
  await database.collection('orders').insertMany(records);
  return records.map(({ _id }) => _id.toHexString());
}
