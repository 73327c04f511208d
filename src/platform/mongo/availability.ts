import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import { outsideContext } from '../process/work-context.ts';
import type { Pass } from '../time/repeat.ts';

/**
 * When no server that takes writes has been known for this long, in milliseconds, that is an outage. A lost connection or
 * an election makes a server unknown until the driver's next check, 500 ms later: no request is refused for that.
 */
const graceMs = 1_000;

/** The database is known to be away, so nothing was sent to it. */
export class DatabaseAway extends Error {
  constructor() {
    super('the database is away, so it was not asked');
    this.name = 'DatabaseAway';
  }
}

export interface Availability {
  /** For how long the database has been away, in milliseconds; undefined while it is not known to be away. */
  awayMs(): number | undefined;
  /** @throws DatabaseAway while the database is known to be away */
  throwIfAway(): void;
  /** A pass of a loop that does nothing while the database is known to be away. */
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
 * Knows whether the database is away, so that no request has to wait for a time-out to find out. The driver checks every
 * server twice a second on connections of its own, and a frozen server is noticed within about three seconds. The first
 * check that finds a server that takes writes ends the outage.
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
      outsideContext(() => log.error('the database is away, what needs it is refused until it is back'));
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
