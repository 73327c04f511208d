import type { mongo } from 'mongoose';
import type { Logger } from 'pino';
import { outsideContext } from '../process/work-context.ts';
import type { Pass } from '../time/repeat.ts';

/**
 * For how long no server has to be known that takes writes until that is an outage, in milliseconds. A lost connection
 * or an election makes a server unknown until the driver's next look at it, 500 ms later: nobody is refused for that.
 */
const graceMs = 1_000;

/** The database is known to be away, so it was not asked. */
export class DatabaseAway extends Error {
  constructor() {
    super('the database is away, so it was not asked');
    this.name = 'DatabaseAway';
  }
}

export interface Availability {
  /** For how long the database has been away, in milliseconds; undefined while it is there as far as anybody knows. */
  awayMs(): number | undefined;
  /** @throws DatabaseAway while the database is known to be away */
  throwIfAway(): void;
  /** A pass of a loop that does nothing while the database is known to be away. */
  skipping(pass: Pass): Pass;
}

/** What the driver's client tells of its servers. */
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
 * Knows whether the database is away, so that nobody needs to find out for himself. The driver looks at every server
 * twice a second on connections of its own, and a server that is frozen has answered no look within about three seconds:
 * these looks are the probes, and the first one that finds a server that takes writes ends the outage.
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
    // Whoever finds it out is not what the line is about.
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
