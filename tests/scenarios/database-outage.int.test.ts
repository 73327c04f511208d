import { signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnDatabase } from '../support/own-database.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';

test('When the database freezes or dies, then requests answer 503 instead of hanging, and all resumes by itself', async () => {
  const { uri, server } = await startOwnDatabase();
  const config = testConfig({ mongoUri: uri });
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  const tickets = [await storeTicket(database), await storeTicket(database)];
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  const place = (ticketId: string | undefined) =>
    fetch(`${url}/api/orders`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ticketId }),
      // It is not to hang; the service's own limit is shorter than this, which allows for a busy machine.
      signal: AbortSignal.timeout(15_000),
    });

  for (const [end, fault] of [
    [() => server.resume(), () => server.freeze()],
    [() => server.restart(), () => server.kill('SIGKILL')],
  ] as const) {
    await fault();
    const answer = await place(tickets[0]);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await answer.json()).toEqual({ errors: [expect.objectContaining({ code: 'unavailable' })] });
    await end();
    const ticket = tickets.pop();
    // The outcome of the write that was cut off is unknown: it may have taken the ticket.
    await eventually(async () => [201, 409].includes((await place(ticket)).status), { withinMs: 20_000 });
  }
}, 60_000);
