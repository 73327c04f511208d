import { eventually } from '../support/eventually.ts';
import { collecting, type TriedBroker } from './broker-under-test.ts';

/** What every adapter must do when past messages are asked for. */
export function replayCases({ broker, connect }: TriedBroker): void {
  test('When messages since a time are replayed, then in order, and the durable’s position stays', async () => {
    const client = await connect();
    const got = await collecting(client, 'case.replay');
    await client.broker.publish('case.replay', 'before');
    await eventually(() => got.length === 1);
    // A date is cut to milliseconds, and NATS Streaming is told how long ago it was, not when.
    const clockPasses = (from: number) => eventually(() => Date.now() > from + 300);
    await clockPasses(Date.now());
    const since = new Date();
    await clockPasses(since.getTime());
    const texts = ['1', '2', '3'];
    for (const text of texts) await client.broker.publish('case.replay', text);
    await eventually(() => got.length === 4);
    const replayed: string[] = [];
    const count = await client.broker.replaySince('case.replay', since, async ({ data }) => {
      replayed.push(Buffer.from(data).toString());
      return 'acknowledge';
    });
    expect([count, replayed]).toEqual([3, texts]);
    expect(await client.broker.replaySince('case.none', since, async () => 'acknowledge')).toBe(0);
    await client.broker.publish('case.replay', 'after');
    await eventually(() => got.includes('after'));
    expect(got).toEqual(['before', ...texts, 'after']);
  }, 60_000);

  test('When the server dies during a replay, then that ends with an error', async () => {
    const client = await connect();
    for (const text of ['1', '2', '3']) await client.broker.publish('case.replay-cut', text);
    let begun = 0;
    const replaying = client.broker.replaySince('case.replay-cut', new Date(0), async () => {
      begun++;
      await broker().server.kill();
      return 'acknowledge';
    });
    await expect(replaying).rejects.toThrow();
    expect(begun).toBe(1);
    await broker().server.restart();
  }, 60_000);
}
