import type { Logger } from 'pino';
import { type Clock, systemClock } from '../platform/time/clock.ts';
import { backoff, sleep } from '../platform/time/repeat.ts';
import type { Broker, Receive } from './broker.ts';
import { limitUnacknowledged } from './limit-unacknowledged.ts';
import type { Session } from './session.ts';
import { createSubscriptionUptime } from './subscription-uptime.ts';

export interface ReconnectingBrokerDeps {
  /** Opens a session on a new connection. @throws when that is not possible now, or `signal` aborts */
  open(signal: AbortSignal): Promise<Session>;
  /** Fields of the log line about a connection. */
  logFields: Record<string, unknown>;
  log: Logger;
  clock?: Clock | undefined;
}

const reconnectFirstMs = 100;
const reconnectCapMs = 2_000;
/** A connection that ends sooner counts as a failure: the pause before the next attempt keeps growing. */
const lastingMs = 10_000;
const tickEveryMs = 1_000;
/** Different reasons that are logged while there is no connection: a bound, should one never be the same twice. */
const maxReasons = 20;

/**
 * A broker over one session at a time. Connects in the background and never stops trying: a new session with the same
 * subscriptions replaces a lost one.
 */
export function createReconnectingBroker(deps: ReconnectingBrokerDeps): Broker {
  const { open, logFields, log, clock = systemClock } = deps;
  const closing = new AbortController();
  const receivers = new Map<string, Receive>();
  const refused = new Set<string>();
  const connectListeners: (() => void)[] = [];
  const uptime = createSubscriptionUptime(clock);
  const ticking = setInterval(uptime.tick, tickEveryMs);
  const limit = limitUnacknowledged();
  let session: Session | undefined;
  /** Why there has been no connection since the last one. */
  const reasons = new Set<string>();

  function subscribe(to: Session, subject: string, receive: Receive): void {
    to.subscribe(subject, receive, {
      onSubscribed() {
        if (session !== to || !receivers.has(subject)) return;
        uptime.began(subject);
        if (refused.delete(subject)) log.info({ subject }, 'the broker has taken the subscription');
      },
      onRefused(reason) {
        if (refused.has(subject)) return;
        refused.add(subject);
        log.error({ subject, reason }, 'the broker refuses the subscription, it is requested again');
      },
      onInterrupted(reason) {
        if (session !== to) return;
        uptime.ended(subject);
        log.warn({ subject, reason }, 'the subscription ended, it is requested again');
      },
    });
  }

  /** Resolves when the session has ended, with the reason. */
  async function use(opened: Session): Promise<string> {
    session = opened;
    try {
      reasons.clear();
      log.info(logFields, 'connected to the broker');
      for (const [subject, receive] of receivers) subscribe(opened, subject, receive);
      for (const listener of connectListeners) listener();
      return await opened.ended;
    } finally {
      session = undefined;
      uptime.allEnded();
      opened.end('no longer used');
    }
  }

  /** A broker that is away for long is tried every two seconds. */
  function reportOnce(reason: string): void {
    if (reasons.has(reason) || reasons.size >= maxReasons) return;
    reasons.add(reason);
    log.warn({ reason }, 'no connection to the broker, it will be tried again');
  }

  async function keepConnected(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      const started = performance.now();
      try {
        const reason = await use(await open(closing.signal));
        if (performance.now() - started > lastingMs) failures = 0;
        log.info({ reason }, 'the broker connection ended');
      } catch (error) {
        reportOnce(String(error));
      }
      await sleep(backoff(failures++, reconnectFirstMs, reconnectCapMs), closing.signal);
    }
  }

  const connecting = keepConnected();

  return {
    async publish(subject, message, messageId) {
      const opened = session;
      if (!opened) throw new Error('no connection to the broker');
      await limit(() => opened.publish(subject, message, messageId));
    },
    subscribe(subject, receive) {
      receivers.set(subject, receive);
      if (session) subscribe(session, subject, receive);
    },
    subscribedSince: uptime.since,
    isConnected: () => session !== undefined,
    refusedSubjects: () => [...refused],
    problems: () => session?.problems() ?? [],
    readBacklog: async () => session?.readBacklog(),
    onConnect(listener) {
      connectListeners.push(listener);
      if (session) listener();
    },
    async replaySince(subject, since, receive, signal) {
      if (!session) throw new Error('no connection to the broker');
      return session.replaySince(subject, since, receive, signal);
    },
    async stopReceiving(finish) {
      receivers.clear();
      uptime.allEnded();
      await session?.stopReceiving(finish);
    },
    async close(finish) {
      closing.abort();
      clearInterval(ticking);
      await session?.close(finish);
      await connecting;
    },
  };
}
