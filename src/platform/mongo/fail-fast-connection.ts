import type { Socket } from 'node:net';
import { Connection } from 'mongodb/lib/cmap/connection.js';
import mongoose from 'mongoose';
import { throwIfPastDeadline } from '../time/deadline.ts';

/**
 * The driver's connection, with two changes: a command fails when its connection ends, and no command is sent for work
 * whose deadline has passed.
 *
 * The driver (7.8) waits for a socket's `drain` after a write that was not taken at once, and only an `error` ends that
 * wait. A socket that the server has ended, or that is destroyed for a time limit, has no `error`: the command, and
 * whatever waits for it, would wait for ever, and the pool would have one connection less.
 *
 * A command is sent here after a server was selected and a connection was waited for, maybe for seconds. It is written in
 * this turn of the event loop: nothing can happen between this check and the write to the socket.
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
