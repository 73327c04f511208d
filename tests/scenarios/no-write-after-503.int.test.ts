import mongoose from 'mongoose';
import { signedIn } from '../support/buyer.ts';
import { type Answer, createPurchaseSender, runAtRate } from '../support/constant-rate.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnDatabase } from '../support/own-database.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';
import { startWatchedService } from '../support/watch-commands.ts';

/**
 * A rush as the outage begins, of more than a queue gives up in the outage (a batch of 256 each 2 s), and a few after it,
 * whose answers show what a known outage is like on a machine that has time for them.
 */
const rush = { buyers: 1_500, perSecond: 400 };
const laterPerSecond = 20;
const ticketCount = 4_000;
/** Longer than an answer takes at most, and than it takes until the outage is known. */
const outageMs = 8_000;

/** Starts a service on a database of its own, whose commands are watched as they leave. */
async function startWatched() {
  const { uri, server } = await startOwnDatabase();
  const config = testConfig({ mongoUri: uri });
  const database = await openDatabase(config);
  /** When the insert of each order left for the database, by its ticket; the last one where there were several. */
  const leftAt = new Map<string, number>();
  const { url } = await startWatchedService(config, ({ commandName, command }) => {
    if (commandName !== 'insert') return;
    const { insert, documents } = command as { insert: string; documents: { ticketId: unknown }[] };
    if (insert !== 'orders') return;
    for (const { ticketId } of documents) leftAt.set(String(ticketId), performance.now());
  });
  return { server, database, url, leftAt };
}

test.each([
  ['dies', 'kill', 'restart'],
  ['freezes', 'freeze', 'resume'],
] as const)(
  'When the database %s under load, then nothing is written for a request that was answered 503, and all goes on when it is back',
  async (_, begin, end) => {
    const { server, database, url, leftAt } = await startWatched();
    const tickets = Array.from({ length: ticketCount }, () => new mongoose.Types.ObjectId());
    await database
      .collection('tickets')
      .insertMany(tickets.map((_id) => ({ _id, title: 'Concert', price: 20, version: 0 })));
    const buy = createPurchaseSender(url);
    const buyers = Array.from({ length: 50 }, () => signedIn());
    const answers = new Map<string, Answer>();
    /** Each ticket is asked for once, so that nobody is refused for a hold. */
    const buyNext = async (): Promise<Answer> => {
      const ticketId = String(tickets.pop());
      const answer = await buy(buyers[tickets.length % buyers.length] ?? signedIn(), ticketId);
      answers.set(ticketId, answer);
      return answer;
    };

    const before = Promise.all(Array.from({ length: 20 }, buyNext));
    await eventually(() => answers.size > 10);
    await server[begin]();
    const outage = performance.now();
    const [rushed, over] = [new AbortController(), new AbortController()];
    const load = runAtRate(rush.perSecond, rushed.signal, buyNext);
    await eventually(() => tickets.length <= ticketCount - rush.buyers, { withinMs: 60_000 });
    rushed.abort();
    const later = runAtRate(laterPerSecond, over.signal, buyNext);
    await eventually(() => performance.now() - outage > outageMs, { withinMs: 60_000 });
    over.abort();
    await Promise.all([before, load, later]);
    await server[end]();
    await eventually(async () => (await buyNext()).status === 201, { withinMs: 10_000 });

    const refused = [...answers].filter(([, { status }]) => status === 503);
    expect(new Set([...answers.values()].map(({ status }) => status))).toEqual(new Set([201, 503]));
    expect(refused.length).toBeGreaterThan(500);
    const late = refused.filter(([ticketId, { at }]) => (leftAt.get(ticketId) ?? 0) > at);
    expect(late).toEqual([]);
    // Once the outage is known, requests are refused at once, with a growing Retry-After.
    const asked = ({ at, tookMs }: Answer) => at - tookMs;
    const last = refused
      .map(([, answer]) => answer)
      .sort((a, b) => asked(a) - asked(b))
      .slice(-10);
    const took = last.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    expect(took[5]).toBeLessThan(1_500);
    expect(Math.max(...last.map(({ retryAfter }) => retryAfter ?? 0))).toBeGreaterThan(3);
    // What was refused holds nothing, but for the few whose insert had left.
    const held = await database.collection('orders').countDocuments({
      ticketId: { $in: refused.map(([ticketId]) => new mongoose.Types.ObjectId(ticketId)) },
    });
    expect(held).toBeLessThanOrEqual(refused.filter(([ticketId]) => leftAt.has(ticketId)).length);
  },
  90_000,
);
