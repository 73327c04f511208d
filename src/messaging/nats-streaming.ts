import type { Logger } from 'pino';
import { backoff, sleep } from '../time/repeat.ts';
import type { Broker, Delivery, Verdict } from './broker.ts';
import { openSession, type Session, type SessionOptions } from './nats-session.ts';

const reconnectFirstMs = 100;
const reconnectCapMs = 2_000;

/**
 * A broker on NATS Streaming. Connects in the background and goes on for ever: a lost connection is replaced by a
 * new one with the same subscriptions. A client id that a dead predecessor still holds is waited out the same way.
 */
export function connectNatsStreaming({ log, ...options }: SessionOptions & { log: Logger }): Broker {
  const closing = new AbortController();
  const receivers = new Map<string, (delivery: Delivery) => Promise<Verdict>>();
  const connectListeners: (() => void)[] = [];
  let session: Session | undefined;
  let connectedSince: Date | undefined;

  async function keepConnected(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        session = await openSession(options, closing.signal);
        connectedSince = new Date();
        failures = 0;
        log.info({ clientId: options.clientId }, 'connected to the broker');
        for (const [subject, receive] of receivers) session.subscribe(subject, receive);
        for (const listener of connectListeners) listener();
        log.info({ reason: await session.ended }, 'the broker connection ended');
      } catch (error) {
        // The first of a row is told; a broker that is away for long is tried every two seconds.
        if (failures++ === 0)
          log.warn({ reason: String(error) }, 'no connection to the broker, trying for ever');
      }
      session = undefined;
      await sleep(backoff(failures, reconnectFirstMs, reconnectCapMs), closing.signal);
    }
  }

  const connecting = keepConnected();

  return {
    async publish(subject, message) {
      if (!session) throw new Error('no connection to the broker');
      await session.publish(subject, message);
    },
    subscribe(subject, receive) {
      receivers.set(subject, receive);
      session?.subscribe(subject, receive);
    },
    subscribedSince: (subject) => (session && receivers.has(subject) ? connectedSince : undefined),
    isConnected: () => session !== undefined,
    onConnect(listener) {
      connectListeners.push(listener);
      if (session) listener();
    },
    async stopReceiving() {
      receivers.clear();
      await session?.stopReceiving();
    },
    async close() {
      closing.abort();
      await session?.close();
      await connecting;
    },
  };
}
