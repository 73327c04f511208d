import mongoose, { type Connection } from 'mongoose';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { newId, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { runOrders, startOrdersCommand } from '../support/orders-command.ts';
import { pastOrders } from '../support/past-orders.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';
import {
  mongoUriThrough,
  startWithholdingProxy,
  type WithholdingProxy,
} from '../support/withholding-proxy.ts';

/** The command dies before and after each of its writes, or in the middle of many, and is run again. */

const config = testConfig();
const reason = ['--reason', 'the hall is closed', '--yes'];
let database: Connection;
let proxy: WithholdingProxy;
let past: ReturnType<typeof pastOrders>;

beforeAll(async () => {
  database = await openDatabase(config);
  await ensureIndexes([orderCollection(database)]);
  proxy = await startWithholdingProxy(config.mongoUri);
  past = pastOrders(database);
});
beforeEach(() => database.collection('orders').deleteMany({}));

const run = (...args: string[]) => runOrders(config.mongoUri, ...args);
const stored = (id: string) =>
  database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });
const copyOf = (id: string) =>
  database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });

async function paidOrder() {
  const order = await past.place(new Date());
  return past.change(transitions.pay(order, { id: 'p', stripeChargeId: 'ch' }, { now: new Date() }));
}

const moments = [
  ['before', 'request'],
  ['after', 'reply'],
] as const;

/** Runs the command until it sends what matches, and kills it there. */
async function killAt(withhold: 'request' | 'reply', has: string, ...args: string[]): Promise<void> {
  const matches = (sent: string) => sent.includes('update\0') && sent.includes(has);
  const reached = proxy.stopAt({ withhold, matches });
  const command = startOrdersCommand({ MONGO_URI: mongoUriThrough(proxy, config.mongoUri) }, ...args);
  await reached;
  command.kill('SIGKILL');
  expect((await command.ended).status).toBeNull();
}

test.each(moments)(
  'When a release dies %s its write, then the order is as it was or has both events, and the next run does the rest',
  async (when, withhold) => {
    const order = await paidOrder();
    await killAt(withhold, 'lastChange', 'release', order.id, ...reason);
    const after = await stored(order.id);
    if (when === 'before') expect(after).toMatchObject({ status: 'paid', version: 1, outbox: [] });
    const again = await run('release', order.id, ...reason);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain(
      when === 'before' ? 'cancelled, and payment p' : 'nothing to release: it is cancelled',
    );
    const end = await stored(order.id);
    expect(end).toMatchObject({
      ...{ status: 'cancelled', version: 2, payments: [{ id: 'p', refund: 'operator' }] },
      outbox: [{ eventId: `${order.id}:2` }, { eventId: `${order.id}:refund:p` }],
    });
    if (when === 'after') expect(end).toEqual(after);
  },
  60_000,
);

test.each(moments)(
  'When a withdrawal dies %s its write, then the ticket is for sale or withdrawn, and the next run does the rest',
  async (when, withhold) => {
    const id = await storeTicket(database);
    await killAt(withhold, 'withdrawnAt', 'withdraw', '--ticket', id, '--yes');
    const after = await copyOf(id);
    expect([when, after?.['withdrawnAt'] !== undefined]).toEqual([when, when === 'after']);
    expect(await run('withdraw', '--ticket', id, '--yes')).toMatchObject({ status: 0 });
    if (when === 'after') expect(await copyOf(id)).toEqual(after);

    await killAt(withhold, 'withdrawnAt', 'offer', '--ticket', id, '--yes');
    const offered = await copyOf(id);
    expect([when, offered?.['withdrawnAt'] === undefined]).toEqual([when, when === 'after']);
    expect(await run('offer', '--ticket', id, '--yes')).toMatchObject({ status: 0 });
    expect(await copyOf(id)).not.toHaveProperty('withdrawnAt');
  },
  60_000,
);

test.each(moments)(
  'When a user is being forgotten and the command dies %s its write, then the next run does the rest',
  async (when, withhold) => {
    const { id, userId } = await paidOrder();
    await killAt(withhold, 'erased-', 'forget', '--user', userId, '--yes');
    expect([when, (await stored(id))?.['userId'] === userId]).toEqual([when, when === 'before']);
    expect(await run('forget', '--user', userId, '--yes')).toMatchObject({ status: 0 });
    expect((await stored(id))?.['userId']).toMatch(/^erased-[0-9a-f]{24}$/);
  },
  60_000,
);

test.each([
  ['SIGKILL', null],
  ['SIGTERM', 143],
] as const)(
  'When a release of many is ended by %s, then the next run does the rest, and nothing twice',
  async (signal, exitCode) => {
    const orders = await Promise.all(Array.from({ length: 250 }, () => past.place(new Date())));
    const ids = orders.map(({ id }) => id);
    const command = startOrdersCommand({ MONGO_URI: config.mongoUri }, 'release', ...ids, ...reason);
    await eventually(() => command.printed().includes('cancelled'), { withinMs: 30_000, everyMs: 1 });
    command.kill(signal);
    const { status, stdout } = await command.ended;
    expect(status).toBe(exitCode);
    const pending = () => database.collection('orders').countDocuments({ status: 'pending' });
    expect(await pending()).toBeGreaterThan(0);
    // What was said to be done is done.
    for (const line of stdout.split('\n').filter((one) => one.includes('  cancelled')))
      expect(await stored(line.slice(0, 24))).toMatchObject({ status: 'cancelled' });

    expect(await run('release', ...ids, ...reason)).toMatchObject({ status: 0 });
    expect(await pending()).toBe(0);
    const all = await database.collection('orders').find().toArray();
    for (const order of all) {
      expect(order).toMatchObject({ version: 1, history: [{}, { cause: 'operator' }] });
      expect(order['outbox']).toHaveLength(1);
    }
  },
  120_000,
);

test('When a user is asked to be forgotten whose id is still needed, then nothing is changed', async () => {
  const { id, userId } = await past.place(new Date());
  const { status, stdout } = await run('forget', '--user', userId, '--yes');
  expect([status, stdout]).toEqual([
    1,
    `${id}  is pending: wait until it ends, or release it\nrefused, nothing is changed: the user's id is still needed, in 1 orders and 0 dead letters\n`,
  ]);
  expect(await stored(id)).toMatchObject({ userId });
  expect(await run('forget', '--user', newId(), '--yes')).toMatchObject({ status: 0 });
}, 60_000);
