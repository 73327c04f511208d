import type { Socket } from 'node:net';
import { Connection } from 'mongodb/lib/cmap/connection.js';
import mongoose from 'mongoose';
import { throwIfPastDeadline } from '../time/deadline.ts';

/**
 * The driver's connection, on which no command outlives the connection, and none is begun for work whose time is over.
 *
 * The driver (7.8) waits for a socket's `drain` after a write that was not taken at once, and only an `error` ends that
 * wait. A socket that the server has ended, or that is destroyed for a time limit, has no `error`: the command, and
 * whatever waits for it, would wait for ever, and its place in the pool would be lost.
 *
 * A command comes here after a server was selected and a connection was waited for, for seconds maybe, and leaves in
 * this turn of the event loop: nothing can come between this check and the write to the socket.
 */
export class FailFastConnection extends Connection {
  readonly #servesRequests: boolean;

  constructor(socket: Socket, options: { id?: unknown }) {
    super(socket, options);
    // A look at the server's state is nobody's, though the request that has caused it may be over.
    this.#servesRequests = options.id !== '<monitor>';
    this.once('close', () => {
      socket.emit(
        'error',
        new mongoose.mongo.MongoNetworkError('the connection ended while it was written to'),
      );
    });
  }

  override command(...sent: unknown[]): Promise<unknown> {
    // While it is being established a connection is everybody's: whoever comes next takes it.
    if (this.#servesRequests && this.established) throwIfPastDeadline();
    return super.command(...sent);
  }
}
