import { signedIn, storeTicket } from '../support/buyer.ts';
import { commandVariables, startCommand } from '../support/command-run.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';

/** The service's process, and a command's, with nothing but `PEERS` set for peers of another vocabulary. */

const config = testConfig({ logLevel: 'info' });
const { EVENT_SPACING_SECONDS: _, ...variables } = environmentOf(config);
const buyer = { ...signedIn(), 'Content-Type': 'application/json' };

async function place(url: string, ticketId: string): Promise<{ id: string; status: string }> {
  const body = JSON.stringify({ ticketId });
  const answer = await fetch(`${url}/api/orders`, { method: 'POST', headers: buyer, body });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; status: string };
}

test('When PEERS is classic, then the process logs what is in force, and it is in force, also for a command', async () => {
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const service = runService({ ...variables, PEERS: 'classic' });
  const url = await service.url();
  const inForce = service.log().filter((line) => line['peers'] === 'classic');
  expect(inForce).toMatchObject([
    {
      spacingSeconds: 6,
      listSort: 'createdAt',
      latePayment: 'hold_again',
      statusNames: { pending: 'created' },
    },
    { msg: expect.stringContaining('nobody gives back the money') },
  ]);

  const [first, second] = [await storeTicket(database), await storeTicket(database)];
  const placed = [await place(url, first), await place(url, second)];
  expect(placed.map(({ status }) => status)).toEqual(['created', 'created']);
  const list = (await (await fetch(`${url}/api/orders`, { headers: buyer })).json()) as { id: string }[];
  expect(list.map(({ id }) => id)).toEqual(placed.map(({ id }) => id));

  const [order] = placed;
  const seen = () =>
    peer.seen.filter(({ data }) => data['id'] === order?.id).map(({ data }) => data['status']);
  await eventually(() => seen().length === 1, { withinMs: 20_000 });
  await eventually(async () => (await database.collection('orders').countDocuments({ outbox: [] })) === 2);
  const classic = { ...commandVariables(config), PEERS: 'classic' };
  const again = startCommand(classic, 'republish', '--order', String(order?.id), '--yes');
  expect(await again.ended).toMatchObject({ status: 0 });
  await eventually(() => seen().length === 2);
  expect(seen()).toEqual(['created', 'created']);
});
