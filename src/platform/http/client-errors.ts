import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { headersTooLarge, malformed, requestTimeout } from './common-errors.ts';
import type { HttpError } from './http-error.ts';

/** Answers what Node cannot read as HTTP, on a connection that is owed no response, in the application's form. */
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

/** How long a client may take to read a response after which its connection ends, in milliseconds. */
const lingerMs = 1_000;

/** Answers without the application and ends the connection. No timeout of the server watches it any more. */
export function endWith(socket: Duplex, { status, problems }: HttpError): void {
  // Node may have taken its own listener away, and a client that resets the connection would end the process.
  socket.on('error', () => socket.destroy());
  const body = JSON.stringify({ errors: problems });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // What it still sends is read, since unread bytes would reset the connection before the answer has arrived.
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}
