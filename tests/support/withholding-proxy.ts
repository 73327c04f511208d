import { hostAndPort, type Pair, startTcpProxy } from './tcp-proxy.ts';

/** A moment in the traffic between the service and a server, which is known by what the service sends. */
interface Moment {
  /** `request`: the bytes that match are withheld themselves. `reply`: what the server answers to them is. */
  withhold: 'request' | 'reply';
  /** Whether these bytes (as latin1) are the ones. */
  matches(sent: string): boolean;
}

/** A TCP proxy in front of a server that can stop the traffic at a moment. */
export interface WithholdingProxy {
  /** Where clients reach the server through the proxy, `127.0.0.1:port`. */
  address: string;
  /**
   * At the first such moment from now on, withholds the bytes and all that follow them on their connection in that
   * direction, for good: whoever is killed now dies at that point. Resolves when the moment has come.
   */
  stopAt(moment: Moment): Promise<void>;
  /** Ends all connections as a server does that goes away: whoever is connected notices. */
  endConnections(): void;
  /** From now on nothing is read of the connections that are open, as by a server that is frozen. */
  stopReading(): void;
}

interface Awaited extends Moment {
  onReached(): void;
}

/** Starts a proxy in front of the server at `uri`, whose host must be one alone. It ends with the test file. */
export async function startWithholdingProxy(uri: string): Promise<WithholdingProxy> {
  let awaited: Awaited[] = [];

  /** The awaited moment that these bytes match, which is awaited no longer. */
  function take(sent: Buffer): Awaited | undefined {
    const bytes = sent.toString('latin1');
    const moment = awaited.find(({ matches }) => matches(bytes));
    awaited = awaited.filter((other) => other !== moment);
    return moment;
  }

  function relay({ client, server }: Pair): void {
    let requestsWithheld = false;
    let repliesWithheld: Awaited | undefined;
    client.on('data', (sent) => {
      const moment = requestsWithheld ? undefined : take(sent);
      if (moment?.withhold === 'request') {
        requestsWithheld = true;
        moment.onReached();
      } else repliesWithheld ??= moment;
      if (!requestsWithheld) server.write(sent);
    });
    server.on('data', (answered) => {
      if (repliesWithheld) repliesWithheld.onReached();
      else client.write(answered);
    });
  }

  const { address, open } = await startTcpProxy(hostAndPort(uri), relay);
  const sockets = () => [...open].flatMap(({ client, server }) => [client, server]);
  return {
    address,
    stopAt: (moment) => new Promise((onReached) => awaited.push({ ...moment, onReached })),
    endConnections() {
      for (const socket of sockets()) socket.end();
    },
    stopReading() {
      for (const socket of sockets()) socket.pause();
    },
  };
}

/** The database's address by way of the proxy. A driver that looks for a replica set's members would go past it. */
export function mongoUriThrough(proxy: WithholdingProxy, uri: string): string {
  const [base = '', query] = uri.replace(hostAndPort(uri), proxy.address).split('?');
  const options = new URLSearchParams(query);
  options.delete('replicaSet');
  options.set('directConnection', 'true');
  return `${base}?${options}`;
}
