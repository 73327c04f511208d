import { eventually } from '../support/eventually.ts';
import { collect, collecting, newGroup, patient, type TriedBroker } from './broker-under-test.ts';

/** How every adapter must stop to receive. */
export function stoppingCases({ broker, connect }: TriedBroker): void {
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
      broker().server.freeze();
      await client.broker.stopReceiving(AbortSignal.timeout(2_000));
      await client.broker.close();
      broker().server.resume();
    }, 20_000);
  });
}
