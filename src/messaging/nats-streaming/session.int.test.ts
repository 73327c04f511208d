import { randomUUID } from 'node:crypto';
import { startBrokerProxy } from '../../../tests/support/broker-proxy.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { collect, connectNatsClient, patient } from '../../../tests/support/nats-client.ts';
import { type OwnBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';

let nats: OwnBroker;
beforeAll(async () => {
  nats = await startOwnBroker();
});

const connect = (options?: Parameters<typeof connectNatsClient>[1]) => connectNatsClient(nats, options);

/** Keeps whoever waits until it is opened. */
function gate() {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open?.() };
}

describe('When it stops receiving', () => {
  test('then what is in flight is waited for and acknowledged, and what comes later is left to the others', async () => {
    const group = `group-${randomUUID()}`;
    const first = connect({ group });
    const { opened, open } = gate();
    const got = await collect(first, 'stop', () => opened.then(() => 'acknowledge' as const));
    await first.broker.publish('stop', 'in flight');
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
    expect(got).toEqual(['in flight']);

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
