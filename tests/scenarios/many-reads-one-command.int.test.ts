import mongoose, { type Connection } from 'mongoose';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { createGapStore } from '../../src/tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { newId } from '../support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../support/running-service.ts';

/** A server sends 101 documents unasked. */
const many = 250;
const user = newId();
const ticketIds = Array.from({ length: many }, () => new mongoose.Types.ObjectId());
const orderIds = Array.from({ length: many }, () => new mongoose.Types.ObjectId());
let watched: Connection;
let commands: string[] = [];

beforeAll(async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  watched = await watchDatabase(config);
  watched.getClient().on('commandStarted', ({ commandName }) => void commands.push(commandName));
  await database
    .collection('tickets')
    .insertMany(ticketIds.map((_id) => ({ _id, title: 'Concert', price: 20, version: 0 })));
  await database.collection('orders').insertMany(
    orderIds.map((_id, index) => ({
      _id,
      userId: user,
      status: 'pending',
      version: 0,
      createdAt: new Date(index),
      expiresAt: new Date(index),
      ticketId: ticketIds[index],
      ticket: { id: String(ticketIds[index]), title: 'Concert', price: 20, version: 0 },
      holdsTicket: true,
      payments: [],
      history: [],
      outbox: [],
    })),
  );
});

async function commandsOf(act: () => Promise<unknown>): Promise<string[]> {
  commands = [];
  await act();
  return commands;
}

const orders = () => createOrderStore(orderModel(watched), ticketModel(watched), leaveToSweep(systemClock));

test('When many orders are shown at once, then one command brings them all', async () => {
  const { findById } = orders();
  const shown = await commandsOf(async () => {
    const found = await Promise.all(orderIds.map((id) => findById(String(id))));
    expect(found.filter((order) => order !== undefined)).toHaveLength(many);
  });
  expect(shown).toEqual(['find']);
});

test('When many buyers’ purchases are read at once, then three commands bring all that they need', async () => {
  const { loadPurchaseContext } = orders();
  const looked = await commandsOf(async () => {
    const views = await Promise.all(
      ticketIds.map((id, index) =>
        loadPurchaseContext({ ticketId: String(id), userId: user, orderId: String(orderIds[index]) }),
      ),
    );
    expect(views.every(({ ticket, holdingOrder, ownOrder }) => ticket && holdingOrder && ownOrder)).toBe(
      true,
    );
  });
  expect(looked).toEqual(['find', 'find', 'find']);
});

test('When a page is full, or many holds are overdue, then one command brings them', async () => {
  const { list, findOverdue } = orders();
  for (const limit of [100, 101, 200]) {
    expect(
      await commandsOf(async () => expect(await list({ userId: user, limit })).toHaveLength(limit)),
    ).toEqual(['find']);
  }
  const overdue = await commandsOf(async () => {
    const { value: page } = await findOverdue({ until: new Date() }).next();
    expect(page).toHaveLength(many);
  });
  expect(overdue).toEqual(['find']);
});

test('When the versions of many tickets are asked for, then one command brings them', async () => {
  const { versionsOf } = createGapStore(ticketModel(watched), parkedUpdateModel(watched));
  const asked = await commandsOf(async () => {
    expect((await versionsOf(ticketIds.map(String))).size).toBe(many);
  });
  expect(asked).toEqual(['find']);
});
