import { readDurables } from './read-durables.ts';

const member = {
  client_id: 'c',
  durable_name: 'd',
  queue_name: 'orders',
  is_durable: true,
  pending_count: 0,
};

/** The lag of one durable of a channel that has messages 6 to 10, and was sent up to `last_sent`. */
async function lagOf(last_sent: number) {
  const channel = {
    name: 'order:paid',
    first_seq: 6,
    last_seq: 10,
    subscriptions: [{ ...member, last_sent }],
  };
  const page = { cluster_id: 'ticketing', total: 1, channels: [channel] };
  jest.spyOn(globalThis, 'fetch').mockResolvedValueOnce(Response.json(page));
  return readDurables({ monitoring: 'http://127.0.0.1:8222', clusterId: 'ticketing' });
}

test('When the channel has dropped what a durable was never sent, then only what it still has waits', async () => {
  const named = { subject: 'order:paid', durable: 'orders', unacknowledged: 0 };
  expect(await lagOf(2)).toEqual([{ ...named, waiting: 5 }]);
  expect(await lagOf(7)).toEqual([{ ...named, waiting: 3 }]);
});
