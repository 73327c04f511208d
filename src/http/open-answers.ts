import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface OpenAnswers {
  /** Whether a request that has come over this connection, all of it, is still to be answered. */
  areOwedTo(socket: Duplex): boolean;
  /**
   * From now on every answer that has not begun says `Connection: close`. A client that keeps its connections then opens
   * the next one elsewhere, instead of sending a request into a connection that is being closed.
   */
  announceEnd(): void;
}

/** Keeps track of the answers that a server owes. */
export function openAnswers(server: Server): OpenAnswers {
  const open = new Set<ServerResponse>();
  let ending = false;
  const watch = (_req: unknown, res: ServerResponse) => {
    if (ending) res.setHeader('Connection', 'close');
    open.add(res);
    res.once('close', () => open.delete(res));
  };
  server.prependListener('request', watch);
  server.prependListener('checkExpectation', watch);
  return {
    areOwedTo: (socket) => [...open].some((res) => res.socket === socket && res.req.complete),
    announceEnd() {
      ending = true;
      for (const res of open) if (!res.headersSent) res.setHeader('Connection', 'close');
    },
  };
}
