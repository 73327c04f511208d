import mongoose from 'mongoose';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { openDatabase, startTestService, testConfig } from '../support/running-service.ts';

test('When one of many purchases of a moment makes an order that the schema refuses, then it alone is a 500, and nothing of it is stored', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  // As a repair by hand may leave a ticket.
  const bad = await storeTicket(database);
  await database
    .collection('tickets')
    .updateOne({ _id: new mongoose.Types.ObjectId(bad) }, { $set: { price: 'free' } });
  const good = await Promise.all(Array.from({ length: 9 }, () => storeTicket(database)));
  const ticketIds = good.toSpliced(4, 0, bad);

  const answers = await Promise.all(
    ticketIds.map((ticketId) =>
      fetch(`${url}/api/orders`, {
        method: 'POST',
        headers: { ...signedIn(), 'Content-Type': 'application/json' },
        body: JSON.stringify({ ticketId }),
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(ticketIds.map((id) => (id === bad ? 500 : 201)));
  const orders = await database.collection('orders').find().toArray();
  const stored = orders.map(({ ticketId }) => String(ticketId as mongoose.Types.ObjectId));
  expect(stored.toSorted()).toEqual(good.toSorted());
});
