import { startTcpProxy } from '../support/tcp-proxy.ts';

/** A way to a server that can be cut, like a phone's in a tunnel. */
export interface CuttableProxy {
  url: string;
  cut(): void;
  mend(): void;
}

/** Starts a proxy in front of a local URL; it ends with the test file. */
export async function startCuttableProxy(target: string): Promise<CuttableProxy> {
  let isCut = false;
  const { address, open } = await startTcpProxy(`localhost:${new URL(target).port}`, ({ client, server }) => {
    if (isCut) client.destroy();
    client.pipe(server);
    server.pipe(client);
  });
  return {
    // Not by the address: a browser has its cookies for the host name.
    url: `http://localhost:${address.split(':')[1]}`,
    cut() {
      isCut = true;
      for (const { client } of open) client.destroy();
    },
    mend() {
      isCut = false;
    },
  };
}
