import {
  type BrokerUnderTest,
  collecting,
  connectClient,
  kinds,
  patient,
} from '../../../tests/conformance/broker-under-test.ts';
import { type BrokerProxy, startBrokerProxy } from '../../../tests/support/broker-proxy.ts';
import { eventually } from '../../../tests/support/eventually.ts';

let broker: BrokerUnderTest;
beforeAll(async () => {
  broker = await kinds['NATS Streaming']();
});

const connectBy = ({ url }: BrokerProxy, group?: string) => connectClient(broker.environment(url), { group });

test('When a subscription is not answered, then the connection is replaced, and messages come', async () => {
  const proxy = await startBrokerProxy(broker.url);
  const client = connectBy(proxy);
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
  const proxy = await startBrokerProxy(broker.url);
  const client = connectBy(proxy);
  const got = await collecting(client, 'error');
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
