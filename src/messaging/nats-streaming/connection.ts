import nats, { type Stan, type Subscription } from 'node-nats-streaming';
import { untilAborted } from '../../platform/time/until-aborted.ts';
import { publishTimeoutMs } from '../broker.ts';
import { type ConnectionEnd, createConnectionEnd } from '../connection-end.ts';
import { readNatsAddress } from '../nats-server-url.ts';

export interface ConnectionOptions {
  /** With the login, percent-encoded, where the server wants one. */
  url: string;
  clusterId: string;
  /** Unique among live processes. */
  clientId: string;
}

/** One connection to NATS Streaming. It never reconnects: a new one replaces it. */
export interface NatsConnection extends ConnectionEnd {
  stan: Stan;
  /** Closes it with a request to the server, and waits for the response until `finish` aborts, 5 s by default. */
  close(finish?: AbortSignal): Promise<void>;
  /** Calls `listener` when this client may not send subscription requests, to which no response comes then. */
  onSubscribingForbidden(listener: (reason: Error) => void): () => void;
  /** Removes a subscription that the server does not have from the library. */
  forget(subscription: Subscription): void;
}

/** What the library's types leave out. */
interface Library extends Stan {
  nc?: NatsClient;
  subRequests?: string;
  subMap: Record<string, unknown>;
  cleanupOnClose(error: Error): void;
}

interface NatsClient {
  close(): void;
  unsubscribe(id: number | undefined): void;
  on(event: string, listener: (error: Error) => void): void;
  off(event: string, listener: (error: Error) => void): void;
}

/** How long a request waits for the server's response, and the client for a connection. */
const responseTimeoutMs = 5_000;

/** A server that is frozen or cut off is noticed after at most 3 intervals plus one. */
const heartbeat = { stanPingInterval: 5_000, stanMaxPingOut: 2, pingInterval: 5_000, maxPingOut: 2 };

/**
 * Opens a connection.
 *
 * @throws when the server cannot be reached within 5 s, or refuses the client id because it is in use
 */
export async function openConnection(
  { url, clusterId, clientId }: ConnectionOptions,
  signal: AbortSignal,
): Promise<NatsConnection> {
  const address = readNatsAddress(url);
  const stan = nats.connect(clusterId, clientId, {
    url: address.url,
    ...address.login,
    connectTimeout: responseTimeoutMs,
    ackTimeout: publishTimeoutMs,
    stanEncoding: 'binary',
    // The library's own reconnect keeps subscriptions that the server may have dropped. A new connection has none.
    reconnect: false,
    ...heartbeat,
  }) as Library;
  const connection = watched(stan);
  await connected(connection, signal);
  return connection;
}

function watched(stan: Library): NatsConnection {
  // Always: an open connection would keep the client id and receive messages. In a microtask, because the library's code
  // continues after its event.
  const connectionEnd = createConnectionEnd(() => queueMicrotask(() => destroy(stan)));
  const { isOpen, ended, end } = connectionEnd;

  // The library emits plain strings too, and an `error` without a listener would end the process.
  stan.on('error', end);
  stan.on('connection_lost', end);
  stan.on('disconnect', () => end('disconnected'));
  stan.on('close', () => end('closed'));

  return {
    stan,
    ...connectionEnd,
    async close(finish = AbortSignal.timeout(responseTimeoutMs)) {
      if (isOpen()) stan.close();
      await untilAborted(ended, finish);
      end('closed');
    },
    onSubscribingForbidden(listener) {
      const { nc, subRequests } = stan;
      const check = (error: Error) => {
        if (subRequests && error.message.includes(subRequests)) listener(error);
      };
      nc?.on('permission_error', check);
      return () => nc?.off('permission_error', check);
    },
    forget(subscription) {
      const { inbox, inboxSub } = subscription as Subscription & { inbox: string; inboxSub?: number };
      if (isOpen()) stan.nc?.unsubscribe(inboxSub);
      delete stan.subMap[inbox];
    },
  };
}

async function connected(connection: NatsConnection, signal: AbortSignal): Promise<void> {
  const endTooLate = () => connection.end('no response in time');
  const timer = setTimeout(endTooLate, responseTimeoutMs);
  signal.addEventListener('abort', endTooLate);
  const outcome = await Promise.race([
    new Promise<'connected'>((resolve) => connection.stan.once('connect', () => resolve('connected'))),
    connection.ended,
  ]);
  clearTimeout(timer);
  signal.removeEventListener('abort', endTooLate);
  if (outcome !== 'connected') throw new Error(outcome);
}

/** Takes a connection down without waiting for the server. */
function destroy(stan: Library): void {
  stan.nc?.close();
  // That removes all listeners: a late `error` of the socket would end the process.
  stan.nc?.on('error', () => undefined);
  // Without its own listeners the library no longer clears its timers and what waits for the server.
  stan.cleanupOnClose(new Error('closed'));
}
