import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { messageClasses } from './message-classes.ts';
import { openAnswers } from './open-answers.ts';
import { withTarget } from './request-target.ts';
import { answerUnreadable, endWith } from './unreadable-requests.ts';

/** How long a connection may take its time, in milliseconds. */
interface Patience {
  /** Until the head of a request is there. */
  headersMs: number;
  /** Until the whole request is there. */
  requestMs: number;
  /** Without any request. */
  idleMs: number;
  /** How often connections are looked at for the first two. */
  checkEveryMs: number;
}

/** A request has 32 kB at most, and an ingress reads all of it before it passes it on. */
const patience: Patience = {
  headersMs: 10_000,
  requestMs: 20_000,
  // Longer than a proxy keeps its idle connections (ingress-nginx: 60 s), so that it is never the proxy that loses.
  idleMs: 65_000,
  checkEveryMs: 1_000,
};

/** Longer than any request is worked on (reply.ts): what is still open then has not sent a whole request. */
const stopWithinMs = 5_000;

export interface HttpServer {
  port: number;
  /** From now on every answer, also to what is under way, is the last of its connection and says so. */
  announceEnd(): void;
  /** Takes no new connection and resolves when the requests under way are answered, 5 s later at the latest. */
  stop(): Promise<void>;
}

/**
 * Listens on the port; 0 takes any free one. A client that is slow on purpose loses its connection, and keeps
 * nobody else from being served.
 *
 * @throws when the port is in use
 */
export async function listen(app: Express, port: number, limits = patience): Promise<HttpServer> {
  const handle = withTarget(app);
  const server = createServer(
    {
      ...messageClasses(app),
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      // Node would refuse a request without it with an empty answer; the application does it in the usual shape.
      requireHostHeader: false,
    },
    handle,
  );
  const answers = openAnswers(server);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // What is said now would be taken for the answer to the request before.
    if (answers.areOwedTo(socket)) socket.destroy();
    else answerUnreadable(error, socket);
  });
  // An expectation that nobody knows may be ignored (RFC 9110, 10.1.1); Node's own refusal has no body.
  server.on('checkExpectation', handle);
  // Node would close the connection without a word.
  server.on('connect', (_req, socket: Duplex) =>
    endWith(socket, 404, { message: 'There is no CONNECT: this is not a proxy', code: 'not_found' }),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    announceEnd: answers.announceEnd,
    stop() {
      answers.announceEnd();
      return stop(server);
    },
  };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections that become idle only after `close` would be kept alive until their time-out.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  // One that was opened ahead of need and has sent nothing does not count as idle for Node.
  const late = setTimeout(() => server.closeAllConnections(), stopWithinMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
}
