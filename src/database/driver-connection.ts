import type { Socket } from 'node:net';
import { Connection } from 'mongodb/lib/cmap/connection.js';
import mongoose from 'mongoose';

/**
 * The driver's connection, on which no command outlives the connection.
 *
 * The driver (7.8) waits for a socket's `drain` after a write that was not taken at once, and only an `error` ends that
 * wait. A socket that the server has ended, or that is destroyed for a time limit, has no `error`: the command, and
 * whatever waits for it, would wait for ever, and its place in the pool would be lost.
 */
export class EndingConnection extends Connection {
  constructor(socket: Socket, options: object) {
    super(socket, options);
    this.once('close', () => {
      socket.emit(
        'error',
        new mongoose.mongo.MongoNetworkError('the connection ended while it was written to'),
      );
    });
  }
}
