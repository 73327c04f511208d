import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createTally } from './tally.ts';

export interface ConnectionLimits {
  /** A connection beyond this number is closed as soon as it is opened. */
  maxConnections: number;
  /** The same for the connections of one address; 0 for no limit. */
  maxConnectionsPerAddress?: number;
  /** The peer that a connection from this address counts for; undefined for a proxy, which has many clients. */
  peerOf?(address: string): string | undefined;
  /** Called for every refused connection. */
  onConnectionDropped(): void;
}

/** Closes connections beyond the limits at once. Node's own limit counts only the connections of one accept queue. */
export function limitConnections(
  server: Server,
  open: { connections(): number },
  limits: ConnectionLimits,
): void {
  const { maxConnections, maxConnectionsPerAddress = 0, peerOf, onConnectionDropped } = limits;
  server.on('connection', (socket: Socket) => {
    if (open.connections() <= maxConnections) return;
    onConnectionDropped();
    socket.destroy();
  });
  if (maxConnectionsPerAddress === 0) return;
  const byPeer = createTally();
  server.on('connection', (socket: Socket) => {
    // Past the other limit.
    if (socket.destroyed) return;
    const { remoteAddress = '' } = socket;
    const peer = peerOf ? peerOf(remoteAddress) : remoteAddress;
    if (peer === undefined) return;
    byPeer.add(peer);
    socket.once('close', () => byPeer.remove(peer));
    if (byPeer.of(peer) <= maxConnectionsPerAddress) return;
    onConnectionDropped();
    socket.destroy();
  });
}
