import type { BrokerAddress } from '../../../dev/embedded/embedded-server.ts';
import type { Log } from '../../../dev/embedded/first-available.ts';
import type { TargetProcess } from '../nemesis/nemesis.ts';
import type { LinkName, ProcessName, Scope, ServiceName } from '../nemesis/schedule.ts';
import type { Link, Toxiproxy } from '../nemesis/toxiproxy.ts';
import type { Random } from '../random.ts';

/** The broker of a round, with what faults are inflicted on. */
export interface RoundBroker {
  /** Which servers they are, for people. */
  description: string;
  scope: Scope['broker'];
  /** For the load, and for looking at the outcome. */
  address: BrokerAddress;
  /** The settings by which a service reaches it, over its own links. */
  settingsOf(name: ServiceName): Record<string, string>;
  processes: [ProcessName, TargetProcess][];
  links: [LinkName, Link][];
  stop(): Promise<void>;
}

export interface BrokerOptions {
  /** Undefined: there are no links. */
  toxiproxy: Toxiproxy | undefined;
  /** Decides which server of a cluster is hit where it may be any. */
  random: Random;
  log: Log;
}
