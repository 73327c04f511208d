import pino from 'pino';
import { z } from 'zod';
import type { Delivery } from '../../src/messaging/broker.ts';
import { listener } from '../../src/messaging/listener.ts';
import { createMessageFailures } from '../../src/messaging/message-failures.ts';
import { receive } from '../../src/messaging/receive.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { eventually } from '../support/eventually.ts';
import { collect, collecting, newGroup, patient, type TriedBroker } from './broker-under-test.ts';

/** What every adapter must do with what arrives. */
export function receivingCases({ connect }: TriedBroker): void {
  describe('When a message arrives', () => {
    test('then its delivery has all of it, raw bytes and first attempt included', async () => {
      const client = await connect();
      const deliveries: unknown[] = [];
      client.broker.subscribe('case.raw', async ({ data, timestamp, sequence, origin, ...rest }) => {
        const text = Buffer.from(data).toString();
        deliveries.push({ ...rest, text, sequenced: sequence > 0, timed: /^\d{19}$/.test(timestamp) });
        return 'acknowledge';
      });
      await client.broker.publish('case.raw', 'é\n\u0000');
      await eventually(() => deliveries.length === 1, patient);
      const expected = { subject: 'case.raw', sequenced: true, attempt: 1, text: 'é\n\u0000', timed: true };
      expect(deliveries).toEqual([expected]);
    });

    test('and its handler is slow, then others are handled meanwhile', async () => {
      const client = await connect();
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const got = await collecting(client, 'case.slow', async (text) => {
        if (text === 'slow') await released;
        return 'acknowledge';
      });
      for (const text of ['slow', ...Array.from({ length: 100 }, (_, index) => String(index))])
        await client.broker.publish('case.slow', text);
      await eventually(() => got.length === 101);
      release();
    });

    test('and is not acknowledged, or not in time, then it comes again with its count, and not beside itself', async () => {
      const client = await connect();
      const attempts: number[] = [];
      const got = await collecting(client, 'case.again', async (text, { attempt }) => {
        if (text === 'later') attempts.push(attempt);
        return attempt === 1 ? 'redeliver' : 'acknowledge';
      });
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const slow = await collecting(client, 'case.too-slow', () =>
        released.then(() => 'acknowledge' as const),
      );
      await client.broker.publish('case.too-slow', 'slow');
      await client.broker.publish('case.again', 'later');
      await eventually(() => got.length === 2, patient);
      expect(attempts).toEqual([1, 2]);
      expect(slow).toEqual(['slow']);
      release();
    }, 60_000);

    test('that is poison, then it becomes a dead letter, once, and the next is handled', async () => {
      const client = await connect();
      const kept: Delivery[] = [];
      const handled: unknown[] = [];
      const deps = {
        deadLetters: { keep: async (delivery: Delivery) => void kept.push(delivery) },
        failures: createMessageFailures({ clock: systemClock }),
        log: pino({ level: 'silent' }),
      };
      const reader = listener('case.poison', z.object({ id: z.string() }), async ({ id }) => {
        handled.push(id);
        return { outcome: 'handled' };
      });
      client.broker.subscribe('case.poison', (delivery) => receive(deps, reader, delivery));
      for (const text of ['{', '', '{"id":7}', '{"id":"good"}'])
        await client.broker.publish('case.poison', text);
      await eventually(() => handled.length === 1 && kept.length === 3, patient);
      const texts = kept.map(({ data }) => Buffer.from(data).toString());
      expect(new Set(texts)).toEqual(new Set(['', '{', '{"id":7}']));
    });
  });

  describe('When several processes share a durable', () => {
    test('then each message is handled once, by one of them', async () => {
      const group = newGroup();
      const clients = [await connect({ group }), await connect({ group })];
      const got = await Promise.all(clients.map((client) => collecting(client, 'case.shared')));
      const texts = Array.from({ length: 300 }, (_, index) => String(index));
      await Promise.all(texts.map((text) => clients[0]?.broker.publish('case.shared', text)));
      await eventually(() => got.flat().length === texts.length, patient);
      expect(new Set(got.flat())).toEqual(new Set(texts));
    });

    test('and one ends with messages that it has not acknowledged, then only those come again', async () => {
      const group = newGroup();
      const first = await connect({ group });
      const answer = async (text: string) => (text === 'later' ? 'redeliver' : 'acknowledge');
      const got = await collecting(first, 'case.durable', answer);
      for (const text of ['now', 'later', 'done']) await first.broker.publish('case.durable', text);
      await eventually(() => got.length === 3);
      await first.broker.stopReceiving();
      await first.broker.close();

      const second = await connect({ group });
      const again = collect(second, 'case.durable');
      await second.broker.publish('case.durable', 'last');
      await eventually(() => again.length === 2, patient);
      expect(new Set(again)).toEqual(new Set(['last', 'later']));
    }, 60_000);
  });
}
