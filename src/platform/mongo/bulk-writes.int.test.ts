import mongoose, { type Connection } from 'mongoose';
import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import * as transitions from '../../orders/domain/transitions.ts';
import { type OrderModel, type OrderRecord, orderModel } from '../../orders/store/order-model.ts';
import { bulkOutcomes, unordered, validated } from './bulk-writes.ts';

/** What Mongoose (9.12) really checks of what is written, which its documentation leaves open here and there. */

const { ObjectId } = mongoose.Types;
let database: Connection;
let orders: OrderModel;

beforeAll(async () => {
  database = await openDatabase(testConfig());
  orders = orderModel(database);
});

function record(changed: object = {}): OrderRecord {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  const { order, event } = transitions.place(
    { id: newId(), userId: 'u1', ticket, holdMs: 1_000 },
    { now: new Date() },
  );
  const { id, ...rest } = order;
  const ids = { _id: new ObjectId(id), ticketId: new ObjectId(order.ticketId) };
  return { ...rest, ...ids, holdsTicket: true, outbox: [event], ...changed };
}

const stored = ({ _id }: OrderRecord) => database.collection('orders').findOne({ _id });

async function storedRecord(): Promise<OrderRecord> {
  const order = record();
  await database.collection('orders').insertOne(order);
  return order;
}

test('When an unordered insert has an invalid document, then Mongoose leaves it out and reports success', async () => {
  const [good, bad] = [record(), record({ status: 'sold' })];
  await expect(orders.insertMany([good, bad], { ordered: false })).resolves.toHaveLength(1);
  expect([await stored(good), await stored(bad)]).toEqual([expect.anything(), null]);
});

test('When an unordered insert has a document with an unknown field, then Mongoose inserts none of them', async () => {
  const [good, bad] = [record(), record({ colour: 'red' })];
  await expect(orders.insertMany([good, bad], unordered)).rejects.toThrow('colour');
  expect([await stored(good), await stored(bad)]).toEqual([null, null]);
});

test('When documents are inserted lean, then Mongoose neither casts nor validates them', async () => {
  const bad = record({ status: 'sold', version: '0' });
  await orders.insertMany([bad], validated);
  expect(await stored(bad)).toMatchObject({ status: 'sold', version: '0' });
});

test.each([
  ['a value that is none of an enum', { status: 'sold' }],
  ['no value where one is required', { userId: undefined }],
  ['a value that cannot be cast', { createdAt: 'yesterday' }],
  ['a wrong value in a subdocument', { ticket: { title: 'Concert', price: 'free', version: 0 } }],
  [
    'a wrong value in an array',
    { history: [{ status: 'pending', version: 0, at: new Date(), cause: 'luck' }] },
  ],
])('When a document has %s, then `Model.validate` refuses it', async (_, wrong) => {
  await expect(orders.validate(record(wrong))).rejects.toMatchObject({ name: 'ValidationError' });
});

test('When a document has an unknown field, then `Model.validate` drops it, and casts the others', async () => {
  const cast = await orders.validate({ ...record(), colour: 'red', version: '0' });
  expect(cast).toMatchObject({ version: 0 });
  expect(cast).not.toHaveProperty('colour');
});

test('When an update of a bulk has an unknown field or cannot be cast, then it fails alone', async () => {
  const some = [await storedRecord(), await storedRecord(), await storedRecord(), await storedRecord()];
  const updates: object[] = [
    { $set: { version: 7 } },
    { $set: { colour: 'red' } },
    { $push: { history: { status: 'paid', version: 'one', at: new Date(), cause: 'payment' } } },
    { $push: { history: { status: 'paid', version: 1, at: new Date(), cause: 'payment', colour: 'red' } } },
  ];
  const bulk = some.map(({ _id }, index) => ({
    updateOne: { filter: { _id }, update: updates[index] as object },
  }));
  const outcomes = await bulkOutcomes(orders.bulkWrite(bulk, unordered), bulk.length);
  expect(outcomes.map((one) => (one instanceof Error ? one.name : one))).toEqual([
    'written',
    'StrictModeError',
    'CastError',
    'CastError',
  ]);
  const left = await Promise.all(some.map(stored));
  expect(left.map((one) => [one?.['version'], one?.['history'].length])).toEqual([
    [7, 1],
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

test('When a bulk has an update that is refused here, and one that the server refuses, then each has its own outcome', async () => {
  await database.collection('orders').createIndex({ lastChange: 1 }, { unique: true, sparse: true });
  const [taken, first, second, third] = [
    await storedRecord(),
    await storedRecord(),
    await storedRecord(),
    await storedRecord(),
  ];
  const lastChange = new ObjectId();
  await database.collection('orders').updateOne({ _id: taken._id }, { $set: { lastChange } });
  const bulk = [
    { updateOne: { filter: { _id: first._id }, update: { $set: { colour: 'red' } as object } } },
    { updateOne: { filter: { _id: second._id }, update: { $set: { lastChange } } } },
    { updateOne: { filter: { _id: third._id }, update: { $set: { version: 7 } } } },
  ];
  const outcomes = await bulkOutcomes(orders.bulkWrite(bulk, unordered), bulk.length);
  expect(outcomes).toEqual([expect.objectContaining({ name: 'StrictModeError' }), 'refused', 'written']);
});

test('When an update of a bulk has a value that is none of an enum, then Mongoose writes it: no validator runs', async () => {
  const { _id } = await storedRecord();
  await orders.bulkWrite(
    [{ updateOne: { filter: { _id }, update: { $set: { status: 'sold' as 'paid' } } } }],
    unordered,
  );
  expect(await database.collection('orders').findOne({ _id })).toMatchObject({ status: 'sold' });
});

test('When a single update runs validators, then they see what is set and what is pushed', async () => {
  const { _id } = await storedRecord();
  const wrong = {
    status: 'paid',
    version: 1,
    at: new Date(),
    cause: 'luck',
  } as unknown as OrderRecord['history'][0];
  const options = { runValidators: true };
  await expect(orders.updateOne({ _id }, { $set: { status: 'sold' as 'paid' } }, options)).rejects.toThrow(
    'sold',
  );
  await expect(orders.updateOne({ _id }, { $push: { history: wrong } }, options)).rejects.toThrow('luck');
  await expect(orders.updateOne({ _id }, { $push: { history: wrong } })).resolves.toBeDefined();
});
