import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { testConfig } from '../../../tests/support/running-service.ts';
import { mongoUriThrough, startWithholdingProxy } from '../../../tests/support/withholding-proxy.ts';
import { connectDatabase } from './connect.ts';
import { watchPool } from './connection-pool.ts';
import { createDatabasePing } from './ping.ts';

/** A pool of two connections whose way to the database can be stopped. */
async function poolOfTwo() {
  const { mongoUri } = testConfig();
  const tap = await startWithholdingProxy(mongoUri);
  const uri = new URL(mongoUriThrough(tap, mongoUri));
  uri.searchParams.set('maxPoolSize', '2');
  const connection = await connectDatabase(uri.toString(), {
    ...{ deadlineMs: 5_000, operations: 'bounded', log: pino({ level: 'silent' }) },
  });
  atEnd(() => connection.close());
  const waits: number[] = [];
  const pool = watchPool(connection.getClient(), (seconds) => waits.push(seconds));
  const ask = (count: number) =>
    Array.from({ length: count }, () => connection.collection('any').findOne().catch(String));
  const state = () => [pool.size(), pool.inUse(), pool.waiting()];
  return { mongoUri, tap, connection, ask, state, waits };
}

test('When more is asked than there are connections, then the pool shows those in use and those that wait', async () => {
  const { tap, ask, state, waits } = await poolOfTwo();
  await Promise.all(ask(2));
  expect(state()).toEqual([2, 0, 0]);
  expect(waits).toHaveLength(2);
  tap.stopReading();
  const asked = ask(5);
  await eventually(() => state().join() === '2,2,3');
  tap.endConnections();
  await Promise.all(asked);
  await eventually(() => state().slice(1).join() === '0,0');
});

test('When all connections of the requests are in use, then a ping is answered all the same', async () => {
  const { mongoUri, tap, ask, state } = await poolOfTwo();
  const { ping, close } = createDatabasePing(mongoUri);
  atEnd(close);
  await Promise.all(ask(2));
  tap.stopReading();
  const asked = ask(5);
  await eventually(() => state()[2] === 3);
  expect(await ping()).toMatchObject({ ok: 1 });
  tap.endConnections();
  await Promise.all(asked);
});
