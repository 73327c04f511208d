import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { headersTooLarge, malformed, requestTimeout } from './common-errors.ts';
import type { HttpError } from './http-error.ts';

/** Responds to bytes that are not HTTP, on a connection without requests in flight, in the form of the app's errors. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else endWith(socket, toHttpError(error.code));
}

function toHttpError(code: string | undefined): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLarge.error();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimeout.error();
    default:
      return malformed.error({ message: 'The request is not valid HTTP' });
  }
}

/** How long a client may take to read its last response, in milliseconds. */
const lingerMs = 1_000;

/** Responds without the app and closes the connection. The server's time-outs no longer apply to it. */
export function endWith(socket: Duplex, { status, problems }: HttpError): void {
  // Node may have removed its own listener. Without one, a client that resets the connection would end the process.
  socket.on('error', () => socket.destroy());
  const body = JSON.stringify({ errors: problems });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Read what the client still sends: unread bytes would reset the connection before the response has arrived.
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}
