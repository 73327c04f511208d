import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { atEnd } from './at-end.ts';

/** A TCP proxy in front of the broker that can change what the clients send, and speak for the broker. */
export interface BrokerProxy {
  url: string;
  /** Changes what is sent from now on (bytes as latin1). The length must stay: the protocol tells it beforehand. */
  rewrite(change: (sent: string) => string): void;
  /** Sends bytes to every client, as if they were the broker's. */
  say(bytes: string): void;
  /** All that the clients have sent, as latin1. */
  sent(): string;
  /** The connections that are open now, and how many there have been. */
  connections(): { open: number; ever: number };
}

/** Starts a proxy in front of the broker at `url` that ends with the test file. */
export async function startBrokerProxy(url: string): Promise<BrokerProxy> {
  const { hostname, port } = new URL(url);
  const clients = new Set<Socket>();
  let change = (sent: string) => sent;
  let sent = '';
  let ever = 0;

  function join(client: Socket): void {
    ever++;
    const server = dial(Number(port), hostname);
    clients.add(client);
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      sent += text;
      server.write(Buffer.from(change(text), 'latin1'));
    });
    server.on('data', (bytes) => client.write(bytes));
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      // The other side sees a closed connection; why is of no interest here.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        clients.delete(client);
        other.destroy();
      });
    }
  }

  const listening = createServer(join).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  atEnd(async () => {
    for (const client of clients) client.destroy();
    listening.close();
    await once(listening, 'close');
  });
  return {
    url: `nats://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    rewrite(next) {
      change = next;
    },
    say(bytes) {
      for (const client of clients) client.write(Buffer.from(bytes, 'latin1'));
    },
    sent: () => sent,
    connections: () => ({ open: clients.size, ever }),
  };
}
