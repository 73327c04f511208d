import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from './errors.ts';

const unreadable: Record<string, { status: number; message: string; code: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers are too large', code: 'headers_too_large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request did not arrive in time', code: 'timeout' },
};

/** What Node cannot read as HTTP, on a connection that owes no answer, is answered in the application's shape. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
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
export function endWith(socket: Duplex, status: number, problem: Problem): void {
  // Node may have taken its own listener away, and a client that resets the connection would end the process.
  socket.on('error', () => socket.destroy());
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
