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

/** The brokers that the service can use. */
export type BrokerKind = 'nats-streaming' | 'jetstream';

/** Where a NATS Streaming server is. */
export interface NatsStreamingAddress {
  url: string;
  clusterId: string;
}

/** Where the servers with JetStream are. */
export interface JetStreamAddress {
  /** One or more, separated by commas, with the login where they want one. */
  url: string;
  /** NATS Streaming alone has one: it tells the two apart. */
  clusterId?: undefined;
  /** The path of a file with a user's credentials. */
  credsFile?: string;
  /** The path of a file with the certificates of the servers' authority. */
  caFile?: string;
}

export type BrokerAddress = NatsStreamingAddress | JetStreamAddress;

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

/** A broker for development and tests, by its kind. */
export interface EmbeddedBrokers {
  'nats-streaming': NatsStreamingAddress & ServerAddress;
  jetstream: JetStreamAddress & ServerAddress;
}

export type EmbeddedBroker = EmbeddedBrokers[BrokerKind];
