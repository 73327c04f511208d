import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import { outsideContext } from '../process/work-context.ts';
import type { Pass } from '../time/repeat.ts';

/**
 * An outage starts when the driver has known no writable server for this long, in milliseconds. After a lost connection or
 * an election a server is unknown until the driver's next check, 500 ms later: no request is refused for that.
 */
const graceMs = 1_000;

/** Nothing was sent to the database, because there is an outage. */
export class DatabaseAway extends Error {
  constructor() {
    super('the database is away, so it was not asked');
    this.name = 'DatabaseAway';
  }
}

export interface Availability {
  /** How long the outage has lasted, in milliseconds; undefined when there is none. */
  awayMs(): number | undefined;
  /** @throws DatabaseAway during an outage */
  throwIfAway(): void;
  /** Returns a pass that does nothing during an outage. */
  skipping(pass: Pass): Pass;
}

/** The events of the driver's client about its servers. */
interface Client {
  on(
    event: 'topologyDescriptionChanged',
    listener: (change: Pick<mongo.TopologyDescriptionChangedEvent, 'newDescription'>) => void,
  ): unknown;
}

export interface AvailabilityDeps {
  client: Client;
  log: Logger;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

/**
 * Watches for outages of the database, so that requests need not wait for a time-out. The driver checks every server twice
 * a second on separate connections, and notices a frozen server within about three seconds. The first check that finds a
 * writable server ends the outage.
 */
export function watchAvailability({
  client,
  log,
  now = () => performance.now(),
}: AvailabilityDeps): Availability {
  let since: number | undefined;
  let isLogged = false;

  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const takesWrites = [...newDescription.servers.values()].some(({ isWritable }) => isWritable);
    if (!takesWrites) since ??= now();
    else {
      if (isLogged) log.info('the database is there again');
      since = undefined;
      isLogged = false;
    }
  });

  function awayMs(): number | undefined {
    if (since === undefined || now() - since < graceMs) return undefined;
    // The line is not about the request that has noticed it.
    if (!isLogged)
      outsideContext(() =>
        log.error('the database is away, requests that need it are refused until it is there again'),
      );
    isLogged = true;
    return now() - since;
  }

  return {
    awayMs,
    skipping: (pass) => async (signal) => {
      if (awayMs() === undefined) await pass(signal);
    },
    throwIfAway() {
      if (awayMs() !== undefined) throw new DatabaseAway();
    },
  };
}
