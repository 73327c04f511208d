import { readFile } from 'node:fs/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
} from '@nats-io/transport-node';
import { untilAborted } from '../../platform/time/until-aborted.ts';
import { type ConnectionEnd, createConnectionEnd } from '../connection-end.ts';
import { findServer } from './find-server.ts';
import type { ServerAddresses } from './server-urls.ts';

export interface JetStreamAddress extends ServerAddresses {
  /** The path of a file with a user's credentials. Read at every connection: they are renewed by changing the file. */
  credsFile?: string | undefined;
  /** The path of a file with the certificates of the authority that the servers' are signed by. */
  caFile?: string | undefined;
}

/** One connection to a server with JetStream. It never reconnects: a new one replaces it. */
export interface JetStreamConnection extends ConnectionEnd {
  client: JetStreamClient;
  manager: JetStreamManager;
  /** The server that has taken the connection. */
  server: string;
  /** Resolves when the server has taken what was sent before. @throws when the connection ends */
  flush(): Promise<void>;
}

/** How long a request waits for the server's response, and the client for a connection. */
const responseTimeoutMs = 5_000;

/**
 * Opens a connection.
 *
 * @throws when no server can be reached within 5 s each, or it refuses the login, or `signal` aborts
 */
export async function openConnection(
  address: JetStreamAddress,
  signal: AbortSignal,
): Promise<JetStreamConnection> {
  const server = await findServer(address.servers, responseTimeoutMs, signal);
  const connecting = connect({ ...(await connectOptions(address)), servers: server });
  // Where nobody waits for it any longer.
  const close = () => void connecting.then((late) => late.close()).catch(() => undefined);
  await untilAborted(connecting, signal);
  if (signal.aborted) {
    close();
    throw new Error('given up');
  }
  return watched(await connecting);
}

async function connectOptions(address: JetStreamAddress): Promise<ConnectionOptions> {
  const { login, tls, credsFile, caFile } = address;
  return {
    ...login,
    ...(credsFile !== undefined && { authenticator: credsAuthenticator(await readFile(credsFile)) }),
    ...((tls || caFile !== undefined) && { tls: caFile === undefined ? {} : { caFile } }),
    name: 'orders-service',
    timeout: responseTimeoutMs,
    // What is not acknowledged must fail when the connection does, and not be sent by a later one.
    reconnect: false,
    // A server that is frozen or cut off is noticed after at most 3 intervals.
    ...{ pingInterval: 5_000, maxPingOut: 2 },
    // A stack trace for every publish.
    noAsyncTraces: true,
  };
}

async function watched(connection: NatsConnection): Promise<JetStreamConnection> {
  const options = { timeout: responseTimeoutMs };
  const connectionEnd = createConnectionEnd(() => void connection.close());
  void connection.closed().then((error) => connectionEnd.end(error ?? 'disconnected'));
  return {
    client: jetstream(connection, options),
    manager: await jetstreamManager(connection, { ...options, checkAPI: false }),
    server: connection.getServer(),
    flush: () => connection.flush(),
    ...connectionEnd,
  };
}
