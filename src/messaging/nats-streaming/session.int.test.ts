import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { type BrokerProxy, startBrokerProxy } from '../../../tests/support/broker-proxy.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { atEnd } from '../../../tests/support/lifetime.ts';
import { type OwnBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';
import type { Broker, Delivery, Disposition } from '../broker.ts';
import { connectNatsStreaming } from './nats-streaming.ts';

/** The server takes a client for dead only when it has not answered for a while. */
const patient = { withinMs: 40_000 };
let nats: OwnBroker;

beforeAll(async () => {
  nats = await startOwnBroker();
});

interface Client {
  broker: Broker;
  /** The messages of the log, with the reasons that they tell. */
  log(): { msg: string; subject?: string; reason?: string }[];
}

function connect({ url = nats.url, group = `group-${randomUUID()}` } = {}): Client {
  const lines: ReturnType<Client['log']> = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const clientId = `client-${randomUUID()}`;
  const { clusterId } = nats;
  const broker = connectNatsStreaming({ url, clusterId, clientId, queueGroup: group, log });
  atEnd(() => broker.close());
  return { broker, log: () => lines };
}

/** Subscribes with the same answer to every message; resolves once the broker has taken the subscription. */
async function collect(
  { broker }: Client,
  subject: string,
  answer: (text: string, delivery: Delivery) => Promise<Disposition> = async () => 'acknowledge',
): Promise<string[]> {
  const got: string[] = [];
  broker.subscribe(subject, (delivery) => {
    const text = Buffer.from(delivery.data).toString();
    got.push(text);
    return answer(text, delivery);
  });
  await eventually(() => broker.subscribedSince(subject) !== undefined, patient);
  return got;
}

/** Keeps whoever waits until it is opened. */
function gate() {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open?.() };
}

describe('When a message is answered with', () => {
  test('redeliver, then it comes again in a new session of the durable, and what was acknowledged does not', async () => {
    const group = `group-${randomUUID()}`;
    const first = connect({ group });
    const got = await collect(first, 'again', async (text) =>
      text === 'later' ? 'redeliver' : 'acknowledge',
    );
    for (const text of ['now', 'later', 'done']) await first.broker.publish('again', text);
    await eventually(() => got.length === 3);
    await first.broker.stopReceiving();
    await first.broker.close();

    const second = connect({ group });
    const attempts: number[] = [];
    const gotAgain = await collect(second, 'again', async (_, { attempt }) => {
      attempts.push(attempt);
      return 'acknowledge';
    });
    await second.broker.publish('again', 'last');
    await eventually(() => gotAgain.includes('last'));
    expect(new Set(gotAgain)).toEqual(new Set(['last', 'later']));
    expect(gotAgain).toHaveLength(2);
    expect(Math.max(...attempts)).toBe(2);
  }, 60_000);
});

describe('When it stops receiving', () => {
  test('then what is in hand is waited for and acknowledged, and what comes meanwhile is left to the others', async () => {
    const group = `group-${randomUUID()}`;
    const first = connect({ group });
    const { opened, open } = gate();
    const got = await collect(first, 'stop', () => opened.then(() => 'acknowledge' as const));
    await first.broker.publish('stop', 'in hand');
    await eventually(() => got.length === 1);
    let stopped = false;
    const stopping = first.broker.stopReceiving().then(() => {
      stopped = true;
    });
    await first.broker.publish('stop', 'after the stop');
    // A round trip to the broker: what it had for this process has come by now.
    await first.broker.publish('stop', 'after that');
    expect(stopped).toBe(false);
    expect(first.broker.subscribedSince('stop')).toBeUndefined();
    open();
    await stopping;
    expect(got).toEqual(['in hand']);

    const next = await collect(connect({ group }), 'stop');
    await eventually(() => next.length === 2, patient);
    expect(new Set(next)).toEqual(new Set(['after that', 'after the stop']));
  }, 60_000);

  test('and a handler never ends, then that is given up when the time is over, and the connection can be closed', async () => {
    const client = connect();
    const got = await collect(client, 'stuck', () => new Promise(() => undefined));
    await client.broker.publish('stuck', '1');
    await eventually(() => got.length === 1);
    await client.broker.stopReceiving(AbortSignal.timeout(100));
    await client.broker.close(AbortSignal.timeout(1_000));
  });
});

describe('When the broker refuses a subscription', () => {
  /** Makes every request for this subject one that the server refuses: names with two dots in a row are invalid. */
  const refusing = (subject: string) => (sent: string) =>
    sent.replaceAll(subject, subject.replace('-x-', '...'));

  async function refusedClient(subject: string): Promise<{ client: Client; proxy: BrokerProxy }> {
    const proxy = await startBrokerProxy(nats.url);
    proxy.rewrite(refusing(subject));
    return { client: connect({ url: proxy.url }), proxy };
  }

  test('then only that one is asked for again, on the same connection, and its messages come once it is allowed', async () => {
    const { client, proxy } = await refusedClient('refused-x-subject');
    const got: string[] = [];
    client.broker.subscribe('refused-x-subject', async ({ data }) => {
      got.push(Buffer.from(data).toString());
      return 'acknowledge';
    });
    const other = await collect(client, 'allowed');
    const refusals = () => client.log().filter(({ subject }) => subject === 'refused-x-subject');
    await eventually(() => refusals().length > 0);
    await client.broker.publish('allowed', 'meanwhile');
    await eventually(() => other.length === 1);
    const asked = () => proxy.sent().split('refused-x-subject').length - 1;
    const before = asked();
    await eventually(() => asked() > before, patient);
    expect(client.broker.subscribedSince('refused-x-subject')).toBeUndefined();
    // Told once, with the reason.
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

  test('by its rights, which it says without an answer, then the reason is told and the connection stays', async () => {
    const proxy = await startBrokerProxy(nats.url);
    const client = connect({ url: proxy.url });
    await eventually(() => client.broker.isConnected());
    // Where subscription requests go; what is sent elsewhere is never answered.
    const channel = /_STAN\.sub\.[\w.]+/;
    await collect(client, 'before');
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
    expect.objectContaining({ reason: 'no answer to the subscription of unanswered' }),
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

test('When it subscribes, then the broker is asked to wait 30 s for an acknowledgement, with 64 messages under way', async () => {
  const proxy = await startBrokerProxy(nats.url);
  const durable = 'the-group';
  const client = connect({ url: proxy.url, group: durable });
  await collect(client, 'the-subject');
  // Of the SubscriptionRequest: field 5 (maxInFlight), field 6 (ackWaitInSecs), and the begin of field 7, the durable.
  // https://github.com/nats-io/stan.go/blob/main/pb/protocol.proto
  const fields = String.fromCharCode(5 << 3, 64, 6 << 3, 30, (7 << 3) | 2, durable.length);
  expect(proxy.sent()).toContain(`${fields}${durable}`);
});

test('When 1,024 publishes are unacknowledged, then the next is refused at once, and not when there is room again', async () => {
  const proxy = await startBrokerProxy(nats.url);
  const client = connect({ url: proxy.url });
  await eventually(() => client.broker.isConnected());
  const publishes = Array.from({ length: 1_024 }, (_, index) => client.broker.publish('cap', String(index)));
  await expect(client.broker.publish('cap', 'one more')).rejects.toThrow('not acknowledged');
  await Promise.all(publishes);
  await client.broker.publish('cap', 'afterwards');
  expect(proxy.sent()).not.toContain('one more');
});

test('When it is closing, then a publish is refused', async () => {
  const client = connect();
  await eventually(() => client.broker.isConnected());
  const closing = client.broker.close();
  await expect(client.broker.publish('closing', '1')).rejects.toThrow('connection');
  await closing;
});

test('When the broker is frozen as it is closed, then that ends within some seconds', async () => {
  const client = connect();
  await collect(client, 'frozen');
  nats.server.freeze();
  await client.broker.stopReceiving();
  await client.broker.close();
  nats.server.resume();
}, 20_000);
