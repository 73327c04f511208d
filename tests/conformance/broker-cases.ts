import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pino from 'pino';
import { z } from 'zod';
import type { Delivery } from '../../src/messaging/broker.ts';
import { listener } from '../../src/messaging/listener.ts';
import { createMessageFailures } from '../../src/messaging/message-failures.ts';
import { receive } from '../../src/messaging/receive.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { eventually } from '../support/eventually.ts';
import {
  type BrokerUnderTest,
  collect,
  collecting,
  connectClient,
  connectedClient,
  kinds,
  loseData,
  patient,
} from './broker-under-test.ts';

/** What every adapter must do, against a real server. */
export function brokerCases(kind: keyof typeof kinds): void {
  let broker: BrokerUnderTest;
  beforeAll(async () => {
    broker = await kinds[kind]();
  }, 120_000);
  // Also when a test has failed, or was given up, with a frozen server: all that follow would wait for it in vain.
  afterEach(() => broker.server.resume());
  const connect = (options?: Parameters<typeof connectedClient>[1]) => connectedClient(broker, options);
  const newGroup = () => `group-${randomUUID()}`;

  describe('When it publishes', () => {
    test('before the first connection is made, then that rejects', async () => {
      const client = connectClient(broker.environment());
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
      broker.server.freeze();
      const started = performance.now();
      await expect(client.broker.publish('case.frozen', '1')).rejects.toThrow('not acknowledged');
      expect(performance.now() - started).toBeLessThan(7_000);
      broker.server.resume();
    }, 30_000);
  });

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

  describe('When it stops receiving', () => {
    test('then what is in flight is waited for and acknowledged, and what comes later is left to the others', async () => {
      const group = newGroup();
      const first = await connect({ group });
      let open: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      const got = await collecting(first, 'case.stop', () => opened.then(() => 'acknowledge' as const));
      await first.broker.publish('case.stop', 'in flight');
      await eventually(() => got.length === 1);
      let stopped = false;
      const stopping = first.broker.stopReceiving().then(() => {
        stopped = true;
      });
      await first.broker.publish('case.stop', 'after the stop');
      // A round trip to the broker: what it had for this process has come by now.
      await first.broker.publish('case.stop', 'after that');
      expect(stopped).toBe(false);
      expect(first.broker.subscribedSince('case.stop')).toBeUndefined();
      open();
      await stopping;
      expect(got).toEqual(['in flight']);
      await first.broker.close();

      const next = collect(await connect({ group }), 'case.stop');
      await eventually(() => next.length === 2, patient);
      expect(new Set(next)).toEqual(new Set(['after that', 'after the stop']));
    }, 60_000);

    test('in the middle of many messages, then others get at once what it has been sent and has not begun', async () => {
      const group = newGroup();
      const [first, second] = [await connect({ group }), await connect({ group })];
      // So large that not all of a batch come at once.
      const texts = Array.from({ length: 400 }, (_, index) => `${index} ${'x'.repeat(20_000)}`);
      for (let start = 0; start < texts.length; start += 100)
        await Promise.all(
          texts.slice(start, start + 100).map((text) => first.broker.publish('case.midst', text)),
        );
      const got: string[] = [];
      let stopping: Promise<void> | undefined;
      let begunLater = 0;
      // In a handler: more has come with this message, and more is on its way.
      collect(first, 'case.midst', async (text) => {
        if (stopping !== undefined) begunLater++;
        got.push(text);
        if (got.length === 100) stopping = first.broker.stopReceiving();
        return 'acknowledge';
      });
      await eventually(() => stopping !== undefined, patient);
      await stopping;
      expect(begunLater).toBe(0);
      const rest = collect(second, 'case.midst');
      const isComplete = () => new Set([...got, ...rest]).size === texts.length;
      await eventually(isComplete, { withinMs: 15_000 });
    }, 60_000);

    test('and a handler never ends, then that is given up when the time is over, and it can be closed', async () => {
      const client = await connect();
      const got = await collecting(client, 'case.stuck', () => new Promise(() => undefined));
      await client.broker.publish('case.stuck', '1');
      await eventually(() => got.length === 1);
      await client.broker.stopReceiving(AbortSignal.timeout(100));
      await client.broker.close(AbortSignal.timeout(1_000));
    });

    test('and is closed, then nothing is received or published any more, and the durable stays', async () => {
      const group = newGroup();
      const client = await connect({ group });
      const got = collect(client, 'case.closed');
      await client.broker.publish('case.closed', '1');
      await eventually(() => got.length === 1, patient);
      await client.broker.stopReceiving();
      await client.broker.publish('case.closed', '2');
      await client.broker.close();
      await client.broker.close();
      expect(client.broker.isConnected()).toBe(false);
      await expect(client.broker.publish('case.closed', '3')).rejects.toThrow('no connection');
      expect(got).toEqual(['1']);
      const next = collect(await connect({ group }), 'case.closed');
      await eventually(() => next.length > 0, patient);
      expect(next).toEqual(['2']);
    });

    test('and the broker is frozen, then that and closing end within some seconds', async () => {
      const client = await connect();
      await collecting(client, 'case.frozen-stop');
      broker.server.freeze();
      await client.broker.stopReceiving(AbortSignal.timeout(2_000));
      await client.broker.close();
      broker.server.resume();
    }, 20_000);
  });

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
      await broker.server.kill();
      return 'acknowledge';
    });
    await expect(replaying).rejects.toThrow();
    expect(begun).toBe(1);
    await broker.server.restart();
  }, 60_000);

  test('When the server accepts the connection and never answers, then closing ends the wait', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `nats://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const accepted = once(silent, 'connection');
    const client = connectClient(broker.environment(url));
    await accepted;
    const started = performance.now();
    await client.broker.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    silent.close();
    await once(silent, 'close');
  }, 10_000);

  describe('When the server', () => {
    test('dies and comes back with its data, then the subscription delivers again', async () => {
      const client = await connect();
      let connections = 0;
      client.broker.onConnect(() => connections++);
      const got = await collecting(client, 'case.restart');
      await client.broker.publish('case.restart', 'before');
      await eventually(() => got.includes('before'));
      await broker.server.kill();
      await eventually(() => !client.broker.isConnected(), patient);
      expect(client.broker.subscribedSince('case.restart')).toBeUndefined();
      await expect(client.broker.publish('case.restart', 'unconnected')).rejects.toThrow('no connection');
      await broker.server.restart();
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
      broker.server.freeze();
      const pending = Array.from({ length: 50 }, (_, index) => publish(`pending ${index}`));
      await broker.server.kill();
      await Promise.all([...first, ...pending]);
      expect(stored.length + refused).toBe(250);
      expect(stored.length).toBeGreaterThan(0);
      await broker.server.restart();
      const got = collect(await connect(), 'case.many');
      await eventually(() => stored.every((text) => got.includes(text)), patient);
    }, 90_000);

    test('is killed as one publish is pending, then that rejects', async () => {
      const client = await connect();
      broker.server.freeze();
      const publishing = expect(client.broker.publish('case.pending', '1')).rejects.toThrow(
        'not acknowledged',
      );
      await broker.server.kill('SIGKILL');
      await publishing;
      await broker.server.restart();
    }, 60_000);

    test('is frozen for long, then that is noticed, and messages come once it goes on', async () => {
      const client = await connect();
      const got = await collecting(client, 'case.thawed');
      broker.server.freeze();
      await eventually(() => !client.broker.isConnected(), patient);
      broker.server.resume();
      await eventually(() => client.broker.isConnected(), patient);
      await client.broker.publish('case.thawed', '1');
      await eventually(() => got.length === 1, patient);
    }, 120_000);

    test('is away at the start, then the connection is made once it is back', async () => {
      await broker.server.kill();
      const client = connectClient(broker.environment());
      const got = collect(client, 'case.late');
      await expect(client.broker.publish('case.late', '0')).rejects.toThrow('no connection');
      await broker.server.restart();
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
      await loseData(broker.server);
      const isStored = () =>
        client.broker.publish('case.lost', 'after').then(
          () => true,
          () => false,
        );
      await eventually(isStored, { ...patient, everyMs: 200 });
      await eventually(() => got.includes('after'), patient);
    }, 120_000);
  });

  describe('When the server wants a login', () => {
    const [user, pass, token] = ['us@er/1', 'p:a@s/s?#%41 &é', 't@ken:/%2F'];
    const encoded = encodeURIComponent;

    test.each([
      ['a user and a password', ['--user', user, '--pass', pass], `${encoded(user)}:${encoded(pass)}`],
      ['a token', ['--auth', token], encoded(token)],
    ])(
      'by %s and the URL has it percent-encoded, then it connects; with another one it does not',
      async (_, login, given) => {
        const strict = await kinds[kind](login);
        const at = (auth: string) => strict.environment(strict.url.replace('//', `//${auth}@`));
        const wrong = connectClient(at(`${given}x`));
        const client = connectClient(at(given));
        await eventually(() => client.broker.isConnected(), patient);
        await client.broker.publish('case.login', 'heard');
        await eventually(() => wrong.log().some(({ msg }) => msg.startsWith('no connection')), patient);
        expect(wrong.broker.isConnected()).toBe(false);
        expect(JSON.stringify(wrong.log())).not.toContain(pass.slice(0, 5));
      },
      60_000,
    );

    test('and is away first, then both are logged as the reason, each once', async () => {
      const strict = await kinds[kind](['--user', user, '--pass', pass]);
      await strict.server.kill();
      const client = connectClient(strict.environment());
      const reasons = () => client.log().filter(({ msg }) => msg.startsWith('no connection'));
      await eventually(() => reasons().length === 1, patient);
      await strict.server.restart();
      await eventually(() => reasons().length === 2, patient);
      expect(reasons().map(({ reason }) => reason)).toEqual([
        expect.stringContaining('ECONNREFUSED'),
        expect.stringMatching(/authorization/i),
      ]);
    }, 60_000);
  });
}
