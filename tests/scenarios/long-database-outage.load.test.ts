import { freePort } from '../../dev/embedded/free-port.ts';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { createPurchaseSender, runAtRate } from '../support/constant-rate.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnDatabase } from '../support/own-database.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';
import { scrape, sumOf } from '../support/scrape.ts';
import { environmentOf, runService } from '../support/service-process.ts';

/** `OUTAGE_SECONDS=600 OUTAGE_PER_SECOND=1000` is a long outage in the hour when a sale opens. */
const outageMs = Number(process.env['OUTAGE_SECONDS'] ?? 25) * 1_000;
const perSecond = Number(process.env['OUTAGE_PER_SECOND'] ?? 500);
/** Until then requests that came before the outage was known are answered, and their memory is free again. */
const settledMs = 10_000;
/** What a collection may have left to the next one; ten seconds of requests that are kept are more. */
const maxGrowthBytes = 64 * 1024 * 1024;

test(
  'When the database is away for long, then purchases are refused at once, in the same memory, and nobody is served late',
  async () => {
    const { uri, server } = await startOwnDatabase();
    // A line for each request would be the test's own growth.
    const config = testConfig({ mongoUri: uri, logLevel: 'fatal', port: await freePort() });
    const database = await openDatabase(config);
    const url = `http://127.0.0.1:${config.port}`;
    runService(environmentOf(config));
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 200, { withinMs: 30_000 });
    const memory = async () => sumOf(await scrape(url), 'process_resident_memory_bytes') ?? 0;
    const [ticketId, later] = [await storeTicket(database), await storeTicket(database)];
    const buy = createPurchaseSender(url);
    const buyer = signedIn();
    expect((await buy(buyer, later)).status).toBe(201);

    await server.kill('SIGKILL');
    const outage = performance.now();
    const lasts = (milliseconds: number) =>
      eventually(() => performance.now() - outage > milliseconds, { withinMs: milliseconds + 10_000 });
    const counts = new Map<number, number>();
    let lastTookMs: number[] = [];
    const ending = new AbortController();
    const load = runAtRate(perSecond, ending.signal, async () => {
      const { status, tookMs } = await buy(buyer, ticketId);
      counts.set(status, (counts.get(status) ?? 0) + 1);
      lastTookMs = [...lastTookMs.slice(-99), tookMs];
    });
    await lasts(settledMs);
    const before = await memory();
    await lasts(outageMs);
    const after = await memory();
    ending.abort();
    await load;
    await server.restart();

    expect([...counts.keys()]).toEqual([503]);
    expect(lastTookMs.sort((a, b) => a - b)[50]).toBeLessThan(1_000);
    expect(after - before).toBeLessThan(maxGrowthBytes);
    // Free: the buyers that were refused have not got it afterwards.
    await eventually(async () => (await buy(signedIn(), ticketId)).status === 201, { withinMs: 10_000 });
  },
  outageMs + 120_000,
);
