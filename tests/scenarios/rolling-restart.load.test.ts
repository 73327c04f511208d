import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../dev/embedded/free-port.ts';
import type { Config } from '../../src/config.ts';
import { atEnd } from '../support/at-end.ts';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type LoadBalancer, startLoadBalancer } from '../support/load-balancer.ts';
import { connectPeer, openDatabase, secondInstance, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';

const connections = 64;
/** Between two requests of a buyer: the load is to be steady, and not to be the most that a small database bears. */
const thinkMs = 300;
const reads = 8;

interface Load {
  placed: string[];
  cancelled: string[];
  failures: string[];
  enough: AbortSignal;
}

/** A buyer who takes a ticket, reads the order several times and lets it go, again and again. */
async function buy(client: LoadBalancer, ticketId: string, load: Load): Promise<void> {
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  const send = async (method: string, path: string, wanted: number, body?: string) => {
    const { status, body: answer } = await client.send(method, path, { headers, ...(body && { body }) });
    if (status !== wanted) throw new Error(`${method}: ${status} instead of ${wanted}`);
    await delay(thinkMs);
    return answer as { id: string };
  };
  try {
    while (!load.enough.aborted && load.failures.length === 0) {
      const { id } = await send('POST', '/api/orders', 201, JSON.stringify({ ticketId }));
      load.placed.push(id);
      for (let read = 0; read < reads; read++) await send('GET', `/api/orders/${id}`, 200);
      await send('DELETE', `/api/orders/${id}`, 204);
      load.cancelled.push(id);
    }
  } catch (error) {
    load.failures.push(String(error));
  }
}

test('When both replicas are restarted in turn under load, then no request fails and every event is sent', async () => {
  const first = testConfig({ shutdownDelayMs: 2_000, port: await freePort() });
  const configs = [first, { ...secondInstance(first), port: await freePort() }];
  const database = await openDatabase(first);
  const peer = await connectPeer(first);
  const urlOf = ({ port }: Config) => `http://127.0.0.1:${port}`;
  const processes = configs.map((config) => runService(environmentOf(config)));
  const client = startLoadBalancer(configs.map(urlOf), connections);
  atEnd(() => client.stop());
  for (const config of configs) await client.seesReady(urlOf(config), true);

  const end = new AbortController();
  const load: Load = { placed: [], cancelled: [], failures: [], enough: end.signal };
  const ticketIds = await Promise.all(Array.from({ length: connections }, () => storeTicket(database)));
  const buying = Promise.all(ticketIds.map((ticketId) => buy(client, ticketId, load)));
  const goesOn = async () => {
    const before = load.cancelled.length;
    const moved = () => load.cancelled.length >= before + connections || load.failures.length > 0;
    await eventually(moved, { withinMs: 60_000 });
  };

  for (const [number, config] of configs.entries()) {
    await goesOn();
    processes[number]?.kill('SIGTERM');
    await client.seesReady(urlOf(config), false);
    expect(await processes[number]?.exitCode).toBe(0);
    processes[number] = runService(environmentOf(config));
    await client.seesReady(urlOf(config), true);
  }
  await goesOn();
  end.abort();
  await buying;
  expect(load.failures).toEqual([]);

  for (const service of processes) service.kill('SIGTERM');
  for (const service of processes) expect(await service.exitCode).toBe(0);
  const waiting = await database.collection('orders').countDocuments({ relayDueAt: { $gt: new Date(0) } });
  expect(waiting).toBe(0);
  const sentEvents = (subject: string) =>
    new Set(peer.seen.filter((event) => event.subject === subject).map(({ data }) => data['id']));
  await eventually(() => load.placed.every((id) => sentEvents('order:created').has(id)), { everyMs: 500 });
  await eventually(() => load.cancelled.every((id) => sentEvents('order:cancelled').has(id)), {
    everyMs: 500,
  });
}, 240_000);
