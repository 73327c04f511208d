import type { Socket } from 'node:net';
import { Connection } from 'mongodb/lib/cmap/connection.js';
import mongoose from 'mongoose';
import { throwIfPastDeadline } from '../time/deadline.ts';

/**
 * The driver's connection, with two changes: a command fails when its connection ends, and no command is sent for work
 * whose deadline has passed.
 *
 * The driver (7.8) waits for a socket's `drain` when a write was buffered, and only an `error` ends that wait. A socket that
 * the server has closed, or that was destroyed by a time-out, emits no `error`: the command would never settle, and the pool
 * would lose a connection.
 *
 * `command` is called after server selection and the wait for a connection, which may take seconds. It writes to the socket
 * synchronously, so nothing can happen between this check and the write.
 */
export class FailFastConnection extends Connection {
  readonly #servesRequests: boolean;

  constructor(socket: Socket, options: { id?: unknown }) {
    super(socket, options);
    // The driver's check of a server belongs to no request, though the deadline of one may be the current one.
    this.#servesRequests = options.id !== '<monitor>';
    this.once('close', () => {
      socket.emit(
        'error',
        new mongoose.mongo.MongoNetworkError('the connection ended while it was written to'),
      );
    });
  }

  override command(...sent: unknown[]): Promise<unknown> {
    // A connection that is being established belongs to no request: the next operation gets it.
    if (this.#servesRequests && this.established) throwIfPastDeadline();
    return super.command(...sent);
  }
}
