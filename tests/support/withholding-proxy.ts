import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { atEnd } from './at-end.ts';

/** A moment in the traffic between the service and a server, told by what the service sends (bytes as latin1). */
interface Moment {
  /** `request`: what tells is withheld itself. `reply`: it goes through, and what the server answers is withheld. */
  withhold: 'request' | 'reply';
  tells(sent: string): boolean;
}

/** A TCP proxy in front of a server that can stop the traffic at a moment. */
export interface Tap {
  /** Where clients reach the server through the tap, `127.0.0.1:port`. */
  address: string;
  /**
   * At the first such moment from now on, withholds the bytes and all that follow them on their connection in that
   * direction, for good: whoever is killed now dies at that point. Resolves when it is reached.
   */
  reach(moment: Moment): Promise<void>;
  /** Ends all connections as a server does that goes away: whoever is connected learns of it. */
  endAll(): void;
  /** From now on nothing is read of the connections that there are, as by a server that is frozen. */
  readNothing(): void;
}

interface Awaited extends Moment {
  reached(): void;
}

/** Starts a tap in front of `target` (`host:port`) that ends with the test file. */
export async function startTap(target: string): Promise<Tap> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let awaited: Awaited[] = [];

  /** The awaited moment that these bytes tell, which is awaited no longer. */
  function take(sent: Buffer): Awaited | undefined {
    const bytes = sent.toString('latin1');
    const moment = awaited.find(({ tells }) => tells(bytes));
    awaited = awaited.filter((other) => other !== moment);
    return moment;
  }

  function join(client: Socket): void {
    const server = dial(Number(port), host);
    let requestsWithheld = false;
    let repliesWithheld: Awaited | undefined;
    client.on('data', (sent) => {
      const moment = requestsWithheld ? undefined : take(sent);
      if (moment?.withhold === 'request') {
        requestsWithheld = true;
        moment.reached();
      } else repliesWithheld ??= moment;
      if (!requestsWithheld) server.write(sent);
    });
    server.on('data', (answered) => {
      if (repliesWithheld) repliesWithheld.reached();
      else client.write(answered);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      // Somebody is killed: the other side sees a closed connection.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }

  const listening = createServer(join).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    listening.close();
    await once(listening, 'close');
  });
  return {
    address: `127.0.0.1:${(listening.address() as AddressInfo).port}`,
    reach: (moment) => new Promise((reached) => awaited.push({ ...moment, reached })),
    endAll() {
      for (const socket of sockets) socket.end();
    },
    readNothing() {
      for (const socket of sockets) socket.pause();
    },
  };
}

/** `host:port` of a server's address, whose host must be one alone. */
export function hostOf(uri: string): string {
  const host = /^\w+:\/\/(?:[^@/]*@)?([^/?,]+)/.exec(uri)?.[1];
  if (host === undefined || uri.startsWith('mongodb+srv:')) throw new Error('a tap needs one host and port');
  return host.includes(':') ? host : `${host}:27017`;
}

/** The database's address by way of the tap. A driver that looks for the members of a replica set would go past the tap. */
export function through(tap: Tap, uri: string): string {
  const [base = '', query] = uri.replace(hostOf(uri), tap.address).split('?');
  const options = new URLSearchParams(query);
  options.delete('replicaSet');
  options.set('directConnection', 'true');
  return `${base}?${options}`;
}
