import mongoose, { type Connection } from 'mongoose';
import { newId, storeTicket } from '../../../tests/support/buyer.ts';
import { serves } from '../../../tests/support/index-serves-query.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { changeSale, planSale } from '../use-cases/change-sale.ts';
import { replicateTicket } from '../use-cases/replicate-ticket.ts';
import { createResetStore } from './reset-store.ts';
import { parkedUpdateModel, ticketCollection, ticketModel } from './ticket-model.ts';
import { createTicketStore } from './ticket-store.ts';
import { createWithdrawalStore } from './withdrawal-store.ts';

const [first, later] = [new Date('2030-01-01T00:00:00Z'), new Date('2030-01-02T00:00:00Z')];
let database: Connection;
beforeAll(async () => {
  database = await openDatabase(testConfig());
});

const deps = (now = first) => ({
  withdrawals: createWithdrawalStore(ticketModel(database)),
  clock: () => now,
});
const copyOf = (id: string) =>
  database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });

test('When tickets are withdrawn and offered, then each is told what became of it, and a second time changes nothing', async () => {
  const [one, two, none] = [await storeTicket(database), await storeTicket(database), newId()];
  const before = await copyOf(two);
  const kinds = async (outcomes: ReturnType<typeof changeSale>) => (await outcomes).map(({ kind }) => kind);
  expect(await kinds(planSale(deps(), 'withdraw', [one, none]))).toEqual(['changed', 'not_found']);
  expect(await copyOf(one)).not.toHaveProperty('withdrawnAt');

  expect(await kinds(changeSale(deps(), 'withdraw', [one]))).toEqual(['changed']);
  expect(await kinds(changeSale(deps(later), 'withdraw', [two, none, one]))).toEqual([
    ...['changed', 'not_found', 'done'],
  ]);
  // Another operator may have been faster.
  await deps().withdrawals.withdraw([one], later);
  expect(await copyOf(one)).toMatchObject({ withdrawnAt: first });
  expect(await copyOf(none)).toBeNull();

  expect(await kinds(planSale(deps(), 'offer', [two]))).toEqual(['changed']);
  expect(await kinds(changeSale(deps(), 'offer', [two, none]))).toEqual(['changed', 'not_found']);
  expect(await kinds(changeSale(deps(), 'offer', [two]))).toEqual(['done']);
  expect(await copyOf(two)).toEqual(before);
  expect(await copyOf(one)).toHaveProperty('withdrawnAt');
});

test('When a withdrawn ticket is updated or reset, then it stays withdrawn', async () => {
  const id = await storeTicket(database);
  await changeSale(deps(), 'withdraw', [id]);
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  const update = { kind: 'updated', id, version: 1, title: 'new', price: 30 } as const;
  expect(await replicateTicket({ tickets, clock: () => later }, update)).toBe('applied');
  expect(await copyOf(id)).toMatchObject({ version: 1, price: 30, withdrawnAt: first });
  const resets = createResetStore(ticketModel(database), parkedUpdateModel(database));
  await resets.reset(id, { from: 1, to: 0, at: later, reason: 'r' });
  expect(await copyOf(id)).toMatchObject({ version: 0, withdrawnAt: first });
});

test('When it is asked whether any ticket is withdrawn, then an index has these alone', () => {
  const served = ticketCollection(database).indexes.filter((index) =>
    serves(index, { filter: { withdrawnAt: { $gt: new Date(0) } } }),
  );
  expect(served.map(({ name }) => name)).toEqual(['withdrawn_tickets']);
});
