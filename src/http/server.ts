import { createServer, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import type { Problem } from './errors.ts';

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
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      // Node would refuse a request without it with an empty answer; the application does it in the usual shape.
      requireHostHeader: false,
    },
    app,
  );
  const announceEnd = lastAnswers(server);
  server.on('clientError', answerUnreadable);
  // An expectation that nobody knows may be ignored (RFC 9110, 10.1.1); Node's own refusal has no body.
  server.on('checkExpectation', app);
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
    announceEnd,
    stop() {
      announceEnd();
      return stop(server);
    },
  };
}

/**
 * Once called, every answer that has not begun says `Connection: close`. A client that keeps its connections then opens
 * the next one elsewhere, instead of sending a request into a connection that is being closed.
 */
function lastAnswers(server: Server): () => void {
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

const unreadable: Record<string, { status: number; message: string; code: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers are too large', code: 'headers_too_large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request did not arrive in time', code: 'timeout' },
};

/** What Node cannot read as HTTP never reaches the application, but is answered in the same shape. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, message, code } = unreadable[error.code ?? ''] ?? {
    status: 400,
    message: 'The request is not valid HTTP',
    code: 'malformed',
  };
  endWith(socket, status, { message, code });
}

/** How long a client may take to read an answer after which its connection ends, in milliseconds. */
const lingerMs = 1_000;

/** An answer without the application. No time-out of the server watches this connection any more. */
function endWith(socket: Duplex, status: number, problem: Problem): void {
  const body = JSON.stringify({ errors: [problem] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // What it still sends is read, since unread bytes would reset the connection before the answer has arrived.
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}
