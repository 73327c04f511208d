import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { atEnd } from '../support/at-end.ts';

/** A way to a server that can be cut, as a phone's in a tunnel. */
export interface Line {
  url: string;
  cut(): void;
  mend(): void;
}

/** Lays a line to a local URL; it ends with the test file. */
export async function layLine(target: string): Promise<Line> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(new URL(target).port));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // Either end may break off at any time.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  atEnd(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut,
    mend() {
      isCut = false;
    },
  };
}
