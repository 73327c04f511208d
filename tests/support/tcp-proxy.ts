import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { atEnd } from './at-end.ts';

/** A client's connection to the proxy, and the proxy's to the server. When one of them ends, so does the other. */
export interface Pair {
  client: Socket;
  server: Socket;
}

export interface TcpProxy {
  /** Where clients reach the server through the proxy, `127.0.0.1:port`. */
  address: string;
  /** The pairs that are open now. */
  open: ReadonlySet<Pair>;
}

/**
 * Starts a TCP proxy in front of `target` (`host:port`) that ends with the test file. `relay` is called with each new
 * pair of connections, and passes on what arrives on them.
 */
export async function startTcpProxy(target: string, relay: (pair: Pair) => void): Promise<TcpProxy> {
  const [host = '', port = ''] = target.split(':');
  const open = new Set<Pair>();
  const listening = createServer((client) => {
    const pair = { client, server: dial(Number(port), host) };
    open.add(pair);
    for (const [socket, other] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ] as const) {
      // The other side sees a closed connection; why is of no interest here.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(pair);
        other.destroy();
      });
    }
    relay(pair);
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  atEnd(async () => {
    for (const { client, server } of open) {
      client.destroy();
      server.destroy();
    }
    listening.close();
    await once(listening, 'close');
  });
  return { address: `127.0.0.1:${(listening.address() as AddressInfo).port}`, open };
}

/** `host:port` of a server's address. @throws when the address does not name exactly one host */
export function hostAndPort(uri: string): string {
  const host = /^\w+:\/\/(?:[^@/]*@)?([^/?,]+)/.exec(uri)?.[1];
  if (host === undefined || uri.startsWith('mongodb+srv:'))
    throw new Error('a proxy needs one host and port');
  return host.includes(':') ? host : `${host}:27017`;
}
