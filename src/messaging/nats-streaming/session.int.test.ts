import { startBrokerProxy } from '../../../tests/support/broker-proxy.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { collect, connectNatsClient, patient } from '../../../tests/support/nats-client.ts';
import { type OwnBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';

let nats: OwnBroker;
beforeAll(async () => {
  nats = await startOwnBroker();
});

const connect = (options?: Parameters<typeof connectNatsClient>[1]) => connectNatsClient(nats, options);

test('When a subscription is not answered, then the connection is replaced, and messages come', async () => {
  const proxy = await startBrokerProxy(nats.url);
  const client = connect({ url: proxy.url });
  await eventually(() => client.broker.isConnected());
  proxy.rewrite((sent) => sent.replaceAll('_STAN.sub.', '_GONE.sub.'));
  const got: string[] = [];
  client.broker.subscribe('unanswered', async ({ data }) => {
    got.push(Buffer.from(data).toString());
    return 'acknowledge';
  });
  await eventually(() => proxy.connections().ever > 1, patient);
  proxy.rewrite((sent) => sent);
  await eventually(() => client.broker.subscribedSince('unanswered') !== undefined, patient);
  await client.broker.publish('unanswered', '1');
  await eventually(() => got.length === 1, patient);
  expect(client.log()).toContainEqual(
    expect.objectContaining({ reason: 'no response to the subscription of unanswered' }),
  );
}, 90_000);

test('When the library reports an error that leaves the connection open, then it is ended, and a new one receives', async () => {
  const proxy = await startBrokerProxy(nats.url);
  const client = connect({ url: proxy.url });
  const got = await collect(client, 'error');
  const since = client.broker.subscribedSince('error');
  // Acknowledgements of publishes come by the library's third subscription; this is none.
  proxy.say('MSG _x 3 3\r\n\xff\xff\xff\r\n');
  await eventually(() => !client.broker.isConnected());
  expect(client.broker.subscribedSince('error')).toBeUndefined();
  await eventually(() => client.broker.isConnected(), patient);
  await eventually(() => client.broker.subscribedSince('error') !== undefined);
  expect(client.broker.subscribedSince('error')?.getTime()).toBeGreaterThan(since?.getTime() ?? Infinity);
  expect(proxy.connections().open).toBe(1);
  await client.broker.publish('error', 'after');
  await eventually(() => got.includes('after'));
}, 60_000);
