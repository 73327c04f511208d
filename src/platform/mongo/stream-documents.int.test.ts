import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig, watchDatabase } from '../../../tests/support/running-service.ts';
import { orderModel } from '../../orders/store/order-model.ts';
import { streamDocuments } from './stream-documents.ts';

test('When a reader stops before the end, then the cursor of the server is closed, too', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  const watched = await watchDatabase(config);
  const commands: string[] = [];
  watched.getClient().on('commandStarted', ({ commandName }) => void commands.push(commandName));
  const user = newId();
  await database.collection('orders').insertMany(Array.from({ length: 10 }, () => ({ userId: user })));

  const query = orderModel(watched).find({ userId: user }).lean<{ userId: string }[]>();
  for await (const { userId } of streamDocuments(query, 2)) {
    expect(userId).toBe(user);
    break;
  }
  expect(commands).toEqual(['find', 'killCursors']);
});
