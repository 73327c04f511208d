import type { ServerProcess } from './server-process.ts';

/** A database server for development and tests. */
export interface EmbeddedMongo {
  /** Which server it is, for people. */
  description: string;
  /** A connection string for a database of this name. */
  uri(database: string): string;
  /** To kill, freeze and restart; absent when the server was not started here. */
  server?: ServerProcess;
  /** Ends the server and removes its data; does nothing to a server that was not started here. */
  stop(): Promise<void>;
}

/** Where a NATS Streaming server is. */
export interface BrokerAddress {
  url: string;
  clusterId: string;
}

/** A running server for development and tests. */
export interface ServerAddress {
  /** Which server it is, for people. */
  description: string;
  url: string;
  /** To kill, freeze and restart; absent when the server was not started here, or runs in a container. */
  server?: ServerProcess;
  /** Ends the server and removes its data; does nothing to a server that was not started here. */
  stop(): Promise<void>;
}

/** A NATS Streaming server for development and tests. */
export interface EmbeddedNats extends BrokerAddress, ServerAddress {}
