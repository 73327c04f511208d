import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startBrokerProxy } from '../support/broker-proxy.ts';
import { eventually } from '../support/eventually.ts';
import {
  collect,
  collecting,
  connectClient,
  isStored,
  loseData,
  patient,
  type TriedBroker,
} from './broker-under-test.ts';

/** What every adapter must do when the server dies, freezes, is away or has lost its data. */
export function outageCases({ broker, connect }: TriedBroker): void {
  test('When the server accepts the connection and never answers, then closing ends the wait', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `nats://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const accepted = once(silent, 'connection');
    const client = connectClient(broker().environment(url));
    await accepted;
    const started = performance.now();
    await client.broker.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    silent.close();
    await once(silent, 'close');
  }, 10_000);

  test('When it is closed while the server is asked for what comes after the connection, then that ends at once', async () => {
    const proxy = await startBrokerProxy(broker().url);
    const asked = new Promise<void>((resolve) =>
      proxy.rewrite((sent) => {
        if (/\$JS\.API|_STAN\.discover/.test(sent)) {
          broker().server.freeze();
          resolve();
        }
        return sent;
      }),
    );
    const client = connectClient(broker().environment(proxy.url));
    await asked;
    const started = performance.now();
    await client.broker.close();
    expect(performance.now() - started).toBeLessThan(1_000);
  }, 30_000);

  describe('When the server', () => {
    test('dies and comes back with its data, then the subscription delivers again', async () => {
      const client = await connect();
      let connections = 0;
      client.broker.onConnect(() => connections++);
      const got = await collecting(client, 'case.restart');
      await client.broker.publish('case.restart', 'before');
      await eventually(() => got.includes('before'));
      await broker().server.kill();
      await eventually(() => !client.broker.isConnected(), patient);
      expect(client.broker.subscribedSince('case.restart')).toBeUndefined();
      await expect(client.broker.publish('case.restart', 'unconnected')).rejects.toThrow('no connection');
      await broker().server.restart();
      await eventually(() => client.broker.isConnected(), patient);
      await client.broker.publish('case.restart', 'after');
      await eventually(() => got.includes('after'), patient);
      expect(connections).toBe(2);
      // It may deliver again what it had no acknowledgement of.
      expect(new Set(got)).toEqual(new Set(['before', 'after']));
    }, 90_000);

    test('is killed under many publishes, then each that resolved is stored', async () => {
      const client = await connect();
      const stored: string[] = [];
      let refused = 0;
      const publish = (text: string) =>
        client.broker.publish('case.many', text).then(
          () => void stored.push(text),
          () => void refused++,
        );
      const first = Array.from({ length: 200 }, (_, index) => publish(`first ${index}`));
      await Promise.race(first);
      // A frozen server takes nothing any more: what is published now can never be acknowledged.
      broker().server.freeze();
      const pending = Array.from({ length: 50 }, (_, index) => publish(`pending ${index}`));
      await broker().server.kill();
      await Promise.all([...first, ...pending]);
      expect(stored.length + refused).toBe(250);
      expect(stored.length).toBeGreaterThan(0);
      await broker().server.restart();
      const got = collect(await connect(), 'case.many');
      await eventually(() => stored.every((text) => got.includes(text)), patient);
    }, 90_000);

    test('is killed as one publish is pending, then that rejects', async () => {
      const client = await connect();
      broker().server.freeze();
      const publishing = expect(client.broker.publish('case.pending', '1')).rejects.toThrow(
        'not acknowledged',
      );
      await broker().server.kill('SIGKILL');
      await publishing;
      await broker().server.restart();
    }, 60_000);

    test('is frozen for long, then that is noticed, and messages come once it goes on', async () => {
      const client = await connect();
      const got = await collecting(client, 'case.thawed');
      broker().server.freeze();
      await eventually(() => !client.broker.isConnected(), patient);
      broker().server.resume();
      await eventually(() => client.broker.isConnected(), patient);
      await client.broker.publish('case.thawed', '1');
      await eventually(() => got.length === 1, patient);
    }, 120_000);

    test('is away at the start, then the connection is made once it is back', async () => {
      await broker().server.kill();
      const client = connectClient(broker().environment());
      const got = collect(client, 'case.late');
      await expect(client.broker.publish('case.late', '0')).rejects.toThrow('no connection');
      await broker().server.restart();
      await eventually(() => client.broker.isConnected(), patient);
      await client.broker.publish('case.late', '1');
      await eventually(() => got.length === 1, patient);
      expect(got).toEqual(['1']);
    }, 60_000);

    test('comes back without its data, then messages are stored and delivered as before', async () => {
      const client = await connect();
      const got = await collecting(client, 'case.lost');
      await client.broker.publish('case.lost', 'before');
      await eventually(() => got.length === 1);
      await loseData(broker().server);
      await eventually(() => isStored(client, 'case.lost', 'after'), { ...patient, everyMs: 200 });
      await eventually(() => got.includes('after'), patient);
    }, 120_000);
  });
}
