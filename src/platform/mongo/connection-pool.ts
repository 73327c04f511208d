import type { mongo } from 'mongoose';

/** The current state of the connections to the database. */
export interface ConnectionPool {
  size(): number;
  inUse(): number;
  /** The number of operations that wait for a connection. */
  waiting(): number;
}

/**
 * Counts the connections of a client by the driver's events, in the pools of all servers. `onCheckOut` is called with the
 * seconds that an operation has waited for its connection.
 * https://github.com/mongodb/specifications/blob/master/source/connection-monitoring-and-pooling/connection-monitoring-and-pooling.md
 */
export function watchPool(client: mongo.MongoClient, onCheckOut: (seconds: number) => void): ConnectionPool {
  // By their ids, because some may have been opened before.
  const open = new Map<string, Set<number | '<monitor>'>>();
  let inUse = 0;
  let waiting = 0;

  const add = ({ address, connectionId }: { address: string; connectionId: number | '<monitor>' }) => {
    const known = open.get(address);
    if (known) known.add(connectionId);
    else open.set(address, new Set([connectionId]));
  };
  client.on('connectionCreated', add);
  client.on('connectionClosed', ({ address, connectionId }) => open.get(address)?.delete(connectionId));
  client.on('connectionPoolClosed', ({ address }) => open.delete(address));
  client.on('connectionCheckOutStarted', () => waiting++);
  client.on('connectionCheckOutFailed', () => waiting--);
  client.on('connectionCheckedOut', (event) => {
    waiting--;
    inUse++;
    add(event);
    onCheckOut(event.durationMS / 1_000);
  });
  client.on('connectionCheckedIn', () => inUse--);
  return {
    size: () => [...open.values()].reduce((sum, { size }) => sum + size, 0),
    inUse: () => inUse,
    waiting: () => waiting,
  };
}
