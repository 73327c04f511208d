import type { Server, ServerResponse } from 'node:http';

/**
 * Once called, every answer that has not begun says `Connection: close`. A client that keeps its connections then opens
 * the next one elsewhere, instead of sending a request into a connection that is being closed.
 */
export function lastAnswers(server: Server): () => void {
  const open = new Set<ServerResponse>();
  let ending = false;
  const watch = (_req: unknown, res: ServerResponse) => {
    if (ending) res.setHeader('Connection', 'close');
    open.add(res);
    res.once('close', () => open.delete(res));
  };
  server.prependListener('request', watch);
  server.prependListener('checkExpectation', watch);
  return () => {
    ending = true;
    for (const res of open) if (!res.headersSent) res.setHeader('Connection', 'close');
  };
}
