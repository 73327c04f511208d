import { eventually } from '../support/eventually.ts';
import { collect, collecting, connectClient, patient, type TriedBroker } from './broker-under-test.ts';

/** What every adapter must do with what is published. */
export function publishingCases({ broker, connect }: TriedBroker): void {
  describe('When it publishes', () => {
    test('before the first connection is made, then that rejects', async () => {
      const client = connectClient(broker().environment());
      expect(client.broker.isConnected()).toBe(false);
      await expect(client.broker.publish('case.early', '1')).rejects.toThrow('no connection');
      await eventually(() => client.broker.isConnected());
      await client.broker.publish('case.early', '2');
    });

    test('the events of one order one after the other, then the server has them in that order', async () => {
      const client = await connect();
      const times: [string, bigint][] = [];
      for (const subject of ['order:created', 'order:cancelled'])
        await collecting(client, subject, async (text, { timestamp }) => {
          times.push([text, BigInt(timestamp)]);
          return 'acknowledge';
        });
      const events = Array.from({ length: 10 }, (_, index) => String(index));
      for (const event of events)
        await client.broker.publish(
          Number(event) % 2 === 0 ? 'order:created' : 'order:cancelled',
          event,
          event,
        );
      await eventually(() => times.length === events.length);
      const byTime = [...times].sort(([, a], [, b]) => Number(a - b)).map(([text]) => text);
      expect(byTime).toEqual(events);
    });

    test.each([
      ['line breaks', ['a\nb', 'a\r\nb', 'a\rb']],
      ['blanks', [' id', 'id ', 'id', 'i d', '\tid']],
      ['characters outside ASCII', ['é', 'ê', '\u{1F3AB}', 'e\u0301']],
    ])('ids with %s, then each message is stored', async (what, ids) => {
      const client = await connect();
      const subject = `case.ids-${what.replaceAll(' ', '-')}`;
      const got = await collecting(client, subject);
      await Promise.all(ids.map((id) => client.broker.publish(subject, id, `${subject}${id}`)));
      await eventually(() => got.length === ids.length);
      expect(new Set(got)).toEqual(new Set(ids));
    });

    test('1,024 messages that are not acknowledged yet, then the next is refused until there is room', async () => {
      const client = await connect();
      const publishes = Array.from({ length: 1_024 }, (_, index) =>
        client.broker.publish('case.cap', String(index)),
      );
      await expect(client.broker.publish('case.cap', 'one more')).rejects.toThrow('not acknowledged');
      await Promise.all(publishes);
      const got = collect(client, 'case.cap');
      await client.broker.publish('case.cap', 'afterwards');
      await eventually(() => got.length === 1_025);
      expect(got).not.toContain('one more');
    });

    test('a message that is larger than the broker takes, then that is refused, and the next is stored', async () => {
      const client = await connect();
      const got = await collecting(client, 'case.large');
      const refused = client.broker.publish('case.large', 'x'.repeat(2 * 1024 ** 2));
      await expect(refused).rejects.toThrow('not acknowledged');
      await eventually(() => client.broker.isConnected(), patient);
      await client.broker.publish('case.large', 'small');
      await eventually(() => got.length === 1, patient);
      expect(got).toEqual(['small']);
    }, 60_000);

    test('while it is being closed, then that is refused', async () => {
      const client = await connect();
      const closing = client.broker.close();
      await expect(client.broker.publish('case.closing', '1')).rejects.toThrow('connection');
      await closing;
    });

    test('to a frozen server, then that rejects in time', async () => {
      const client = await connect();
      broker().server.freeze();
      const started = performance.now();
      await expect(client.broker.publish('case.frozen', '1')).rejects.toThrow('not acknowledged');
      expect(performance.now() - started).toBeLessThan(7_000);
      broker().server.resume();
    }, 30_000);
  });
}
