import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';

/** Longer than a proxy keeps its idle connections (ingress-nginx: 60 s), so that it is never the proxy that loses. */
const keepAliveTimeoutMs = 65_000;

/** Longer than any request is worked on (reply.ts): what is still open then has not sent a whole request. */
const stopWithinMs = 5_000;

export interface HttpServer {
  port: number;
  /** Takes no new connection and resolves when the requests under way are answered, 5 s later at the latest. */
  stop(): Promise<void>;
}

/**
 * Listens on the port; 0 takes any free one.
 *
 * @throws when the port is in use
 */
export async function listen(app: Express, port: number): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, app);
  server.on('clientError', answerUnreadable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
  return { port: (server.address() as AddressInfo).port, stop: () => stop(server) };
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
  const body = JSON.stringify({ errors: [{ message, code }] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
