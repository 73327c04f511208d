import { brokerStreams } from '../../src/broker-streams.ts';
import type { Broker } from '../../src/messaging/broker.ts';
import { connectClient, kinds, patient } from '../../tests/conformance/broker-under-test.ts';
import { atEnd } from '../../tests/support/at-end.ts';
import { eventually } from '../../tests/support/eventually.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';
import { connectToBroker } from './broker-connection.ts';

async function connect(address: BrokerAddress, name: string): Promise<Broker> {
  const broker = connectToBroker(address, name);
  atEnd(() => broker.close());
  await eventually(() => broker.isConnected(), patient);
  return broker;
}

function received(broker: Broker, subject: string): string[] {
  const texts: string[] = [];
  broker.subscribe(subject, async ({ data }) => {
    texts.push(Buffer.from(data).toString());
    return 'acknowledge';
  });
  return texts;
}

test.each(['NATS Streaming', 'JetStream'] as const)(
  'When a stand-in connects to %s, then it gets what was stored before, and again only what it has not acknowledged',
  async (kind) => {
    const server = await kinds[kind]();
    connectClient(server.environment(), { streams: brokerStreams });
    const sender = await connect(server.address, 'sender');
    await eventually(() => sender.publish('ticket:created', 'first').then(() => true), patient);

    const before = await connect(server.address, 'reader');
    const texts = received(before, 'ticket:created');
    await eventually(() => texts.length > 0, patient);
    await before.stopReceiving();
    await before.close();
    await sender.publish('ticket:created', 'second');

    const after = received(await connect(server.address, 'reader'), 'ticket:created');
    await eventually(() => after.length > 0, patient);
    expect([texts, after]).toEqual([['first'], ['second']]);
  },
);

test('When the orders service has made no streams yet, then a stand-in makes none, and receives once they are there', async () => {
  const { environment, address } = await kinds.JetStream();
  const peer = await connect(address, 'early');
  const texts = received(peer, 'order:created');
  await eventually(() => peer.refusedSubjects().length > 0, patient);
  await expect(peer.publish('order:created', 'too early')).rejects.toThrow('no stream takes the subject');

  connectClient(environment(), { streams: brokerStreams });
  await eventually(() => peer.publish('order:created', 'in time').then(() => true), patient);
  await eventually(() => texts.length > 0, patient);
  expect(texts).toEqual(['in time']);
});
