import { connect } from 'node:net';
import { withTimeout } from '../../platform/time/with-timeout.ts';

/**
 * Resolves with one of the servers that sends the greeting with which every connection begins; they are tried in a random
 * order. The client must not be given another one: it never closes a connection on which no greeting comes, and a frozen
 * server would collect one for each attempt.
 *
 * @throws with each server's reason when none does within `timeoutMs` milliseconds
 */
export async function findServer(servers: string[], timeoutMs: number, signal: AbortSignal): Promise<string> {
  const reasons: string[] = [];
  for (const server of shuffled(servers)) {
    if (signal.aborted) break;
    const reason = await withoutGreeting(server, timeoutMs, signal);
    if (reason === undefined) return server;
    reasons.push(`${new URL(server).host}: ${reason}`);
  }
  // The same text whatever the order: it is logged once.
  throw new Error(reasons.sort((a, b) => a.localeCompare(b)).join('; '));
}

/** Resolves with why no greeting came, or undefined when it did. */
async function withoutGreeting(
  server: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { hostname, port } = new URL(server);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  const giveUp = () => socket.destroy();
  signal.addEventListener('abort', giveUp);
  const greeting = new Promise<string | undefined>((resolve) => {
    socket.once('data', () => resolve(undefined));
    // One of several addresses has no message of its own.
    socket.once('error', ({ message, code }: NodeJS.ErrnoException) => resolve(message || code));
    socket.once('close', () => resolve('closed'));
  });
  try {
    return await withTimeout(timeoutMs, greeting, () => 'no greeting in time');
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}

function shuffled(servers: string[]): string[] {
  const withKeys = servers.map((server) => ({ server, key: Math.random() }));
  return withKeys.sort((a, b) => a.key - b.key).map(({ server }) => server);
}
