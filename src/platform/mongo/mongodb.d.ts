/** The driver keeps this class to itself; its option `connectionType` takes another in its place. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export class Connection extends EventEmitter {
    constructor(socket: Socket, options: object);
    /** Whether the handshake is done. */
    established: boolean;
    /** Sends a command. Whatever the driver has selected and waited for before, it is about to leave. */
    command(...sent: unknown[]): Promise<unknown>;
  }
}
