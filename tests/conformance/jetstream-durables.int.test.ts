import { AckPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Delivery } from '../../src/messaging/broker.ts';
import { eventually } from '../support/eventually.ts';
import { type BrokerUnderTest, collecting, connectedClient, patient } from './broker-under-test.ts';
import { ownStream, startJetStreamServer } from './jetstream-server.ts';

/** What the service does with its durables, and what they say about messages. */

let broker: BrokerUnderTest;
let operator: JetStreamManager;
beforeAll(async () => {
  ({ broker, operator } = await startJetStreamServer());
}, 120_000);

const connect = (options: Parameters<typeof connectedClient>[1]) => connectedClient(broker, options);

test('When a durable is deleted, then it is created again, the break is seen, and messages come', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream], group: 'deleted' });
  const got = await collecting(client, stream.subject);
  const since = client.broker.subscribedSince(stream.subject);
  const [durable] = await operator.consumers.list(stream.name).next();
  await operator.consumers.delete(stream.name, durable?.name ?? '');
  await eventually(() => client.log().some(({ msg }) => msg.startsWith('the subscription ended')), patient);
  await eventually(() => client.broker.subscribedSince(stream.subject) !== undefined, patient);
  expect(client.broker.subscribedSince(stream.subject)?.getTime()).toBeGreaterThan(Number(since));
  await client.broker.publish(stream.subject, 'after');
  await eventually(() => got.includes('after'), patient);
}, 60_000);

test('When a durable of its name is for something else, then it is refused until that is gone', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream], group: 'refused' });
  const durable_name = `refused-${stream.subject.replace(':', '-')}`;
  await operator.consumers.add(stream.name, { durable_name, ack_policy: AckPolicy.None });
  client.broker.subscribe(stream.subject, async () => 'acknowledge');
  await eventually(() => client.broker.refusedSubjects().includes(stream.subject));
  expect(client.broker.subscribedSince(stream.subject)).toBeUndefined();
  await operator.consumers.delete(stream.name, durable_name);
  await eventually(() => client.broker.subscribedSince(stream.subject) !== undefined, patient);
  expect(client.broker.refusedSubjects()).toEqual([]);
}, 60_000);

test('When a durable gives messages up, then that is a problem until an operator changes the durable', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream], group: 'giving-up' });
  const durable_name = `giving-up-${stream.subject.replace(':', '-')}`;
  await operator.consumers.add(stream.name, {
    durable_name,
    ...{ ack_policy: AckPolicy.Explicit, filter_subject: stream.subject },
    ...{ ack_wait: nanos(1_000), max_deliver: 3 },
  });
  await collecting(client, stream.subject);
  expect(client.broker.problems()).toEqual([
    expect.stringContaining('delivers again before a message is handled'),
    expect.stringContaining('gives messages up after 3 tries'),
  ]);
  expect(client.log().filter(({ problem }) => problem)).toHaveLength(2);
  await operator.consumers.update(stream.name, durable_name, {
    ...{ ack_wait: nanos(30_000), max_deliver: -1 },
  });
  await eventually(() => client.broker.problems().length === 0, patient);
}, 60_000);

test('When an outage keeps a message from being handled, then it comes again after seconds, with its count and stream', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream] });
  const deliveries: (Delivery & { at: number })[] = [];
  await collecting(client, stream.subject, async (_, delivery) => {
    deliveries.push({ ...delivery, at: performance.now() });
    return delivery.attempt === 1 ? 'redeliver_soon' : 'acknowledge';
  });
  await client.broker.publish(stream.subject, '1');
  await eventually(() => deliveries.length === 2, { withinMs: 15_000 });
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(deliveries[0]?.origin).toEqual({ broker: 'jetstream', stream: stream.name });
  const [first = 0, second = 0] = deliveries.map(({ at }) => at);
  expect(second - first).toBeGreaterThan(4_000);
}, 30_000);

test('When messages wait, then the lag says how many, and how many are not acknowledged', async () => {
  const stream = ownStream();
  const client = await connect({ streams: [stream] });
  await collecting(client, stream.subject, () => new Promise(() => undefined));
  for (let index = 0; index < 70; index++) await client.broker.publish(stream.subject, String(index));
  const lag = async () => (await client.broker.readBacklog())?.consumers;
  await eventually(async () => (await lag())?.[0]?.unacknowledged === 64);
  expect(await lag()).toEqual([{ subject: stream.subject, pending: 6, unacknowledged: 64, redelivered: 0 }]);
  await client.broker.stopReceiving(AbortSignal.timeout(10));
});
