import { randomUUID } from 'node:crypto';
import { eventually } from '../../../tests/support/eventually.ts';
import { collect, connectNatsClient } from '../../../tests/support/nats-client.ts';
import { type OwnBroker, startOwnBroker } from '../../../tests/support/own-broker.ts';

let nats: OwnBroker;
beforeAll(async () => {
  nats = await startOwnBroker();
});

const connect = (options?: Parameters<typeof connectNatsClient>[1]) => connectNatsClient(nats, options);

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
