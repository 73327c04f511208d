import {
  type BrokerUnderTest,
  type Client,
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

describe('When the broker refuses a subscription', () => {
  /** Makes every request for this subject one that the server refuses: names with two dots in a row are invalid. */
  const refusing = (subject: string) => (sent: string) =>
    sent.replaceAll(subject, subject.replace('-x-', '...'));

  async function refusedClient(subject: string): Promise<{ client: Client; proxy: BrokerProxy }> {
    const proxy = await startBrokerProxy(broker.url);
    proxy.rewrite(refusing(subject));
    return { client: connectBy(proxy), proxy };
  }

  test('then only that one is requested again, on the same connection, and its messages come once it is allowed', async () => {
    const { client, proxy } = await refusedClient('refused-x-subject');
    const got: string[] = [];
    client.broker.subscribe('refused-x-subject', async ({ data }) => {
      got.push(Buffer.from(data).toString());
      return 'acknowledge';
    });
    const other = await collecting(client, 'allowed');
    const refusals = () => client.log().filter(({ subject }) => subject === 'refused-x-subject');
    await eventually(() => refusals().length > 0);
    await client.broker.publish('allowed', 'pending');
    await eventually(() => other.length === 1);
    const asked = () => proxy.sent().split('refused-x-subject').length - 1;
    const before = asked();
    await eventually(() => asked() > before, patient);
    expect(client.broker.subscribedSince('refused-x-subject')).toBeUndefined();
    // Logged once, with the reason.
    expect(refusals()).toMatchObject([{ reason: expect.stringContaining('subject') as string }]);

    proxy.rewrite((sent) => sent);
    await eventually(() => client.broker.subscribedSince('refused-x-subject') !== undefined, patient);
    await client.broker.publish('refused-x-subject', 'at last');
    await eventually(() => got.length === 1);
    expect(got).toEqual(['at last']);
    expect(refusals()).toHaveLength(2);
    expect(proxy.connections().ever).toBe(1);
  }, 90_000);

  test('then it can be stopped and closed all the same', async () => {
    const { client } = await refusedClient('never-x-subject');
    client.broker.subscribe('never-x-subject', async () => 'acknowledge');
    await eventually(() => client.log().some(({ subject }) => subject === 'never-x-subject'));
    await client.broker.stopReceiving();
    await client.broker.close();
  }, 20_000);

  test('because of the client’s permissions, without a response, then the reason is logged and the connection stays', async () => {
    const proxy = await startBrokerProxy(broker.url);
    const client = connectBy(proxy);
    await eventually(() => client.broker.isConnected());
    // Where subscription requests go; what is sent elsewhere is never answered.
    const channel = /_STAN\.sub\.[\w.]+/;
    await collecting(client, 'before');
    const [requests = ''] = channel.exec(proxy.sent()) ?? [];
    expect(requests).not.toBe('');
    proxy.rewrite((sent) => sent.replaceAll(requests, requests.replace('_STAN', '_GONE')));
    client.broker.subscribe('forbidden', async () => 'acknowledge');
    await eventually(() => proxy.sent().includes('forbidden'));
    proxy.say(`-ERR 'Permissions Violation for Publish to "${requests}"'\r\n`);
    await eventually(() => client.log().some(({ subject }) => subject === 'forbidden'));
    expect(client.log().find(({ subject }) => subject === 'forbidden')?.reason).toContain('Permissions');
    proxy.rewrite((sent) => sent);
    await eventually(() => client.broker.subscribedSince('forbidden') !== undefined, patient);
    expect(proxy.connections().ever).toBe(1);
  }, 60_000);
});

test('When it subscribes, then the broker is to wait 30 s for an acknowledgement, with 64 messages in flight', async () => {
  const proxy = await startBrokerProxy(broker.url);
  const durable = 'the-group';
  const client = connectBy(proxy, durable);
  await collecting(client, 'the-subject');
  // Of the SubscriptionRequest: field 5 (maxInFlight), field 6 (ackWaitInSecs), and the begin of field 7, the durable.
  // https://github.com/nats-io/stan.go/blob/main/pb/protocol.proto
  const fields = String.fromCharCode(5 << 3, 64, 6 << 3, 30, (7 << 3) | 2, durable.length);
  expect(proxy.sent()).toContain(`${fields}${durable}`);
});
