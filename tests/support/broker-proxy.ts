import { hostAndPort, startTcpProxy } from './tcp-proxy.ts';

/** A TCP proxy in front of the broker that can change what the clients send, and send in the broker's name. */
export interface BrokerProxy {
  url: string;
  /** Changes what is sent from now on (bytes as latin1). The length must stay: the protocol sends it beforehand. */
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
  let change = (sent: string) => sent;
  let sent = '';
  let ever = 0;
  const { address, open } = await startTcpProxy(hostAndPort(url), ({ client, server }) => {
    ever++;
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      sent += text;
      server.write(Buffer.from(change(text), 'latin1'));
    });
    server.pipe(client);
  });
  return {
    url: `nats://${address}`,
    rewrite(next) {
      change = next;
    },
    say(bytes) {
      for (const { client } of open) client.write(Buffer.from(bytes, 'latin1'));
    },
    sent: () => sent,
    connections: () => ({ open: open.size, ever }),
  };
}
