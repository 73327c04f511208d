/** The driver does not export this class; its option `connectionType` takes another one instead. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export class Connection extends EventEmitter {
    constructor(socket: Socket, options: object);
    /** Whether the handshake is done. */
    established: boolean;
    /** Sends a command, after server selection and the wait for a connection. */
    command(...sent: unknown[]): Promise<unknown>;
  }
}
