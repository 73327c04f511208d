import type { ServerProcess } from './server-process.ts';

/** A database server for development and tests. */
export interface EmbeddedMongo {
  /** Which server it is, for people. */
  description: string;
  /** A connection string for a database of this name. */
  uri(database: string): string;
  /** To be killed, frozen and restarted; absent when the server is not ours. */
  server?: ServerProcess;
  /** Ends the server and removes its data; a server that is not ours is left alone. */
  stop(): Promise<void>;
}

/** A broker for development and tests. */
export interface EmbeddedNats {
  /** Which server it is, for people. */
  description: string;
  url: string;
  clusterId: string;
  /** To be killed, frozen and restarted; absent when the server is not ours, or in a container. */
  server?: ServerProcess;
  /** Ends the server and removes its data; a server that is not ours is left alone. */
  stop(): Promise<void>;
}
