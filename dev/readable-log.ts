import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import pretty from 'pino-pretty';

/**
 * Escapes the escapes of control characters in a line of the log, so that parsing its JSON does not bring them back. Line
 * breaks and tabs stay: a stack trace needs them.
 */
export function keepEscapes(line: string): string {
  // Matches every other escape, too: a backslash before a `u` may be the second of two.
  return line.replace(/\\(?:u[0-9a-f]{4}|.)/g, (found) => (/^\\[ubfr]/.test(found) ? `\\${found}` : found));
}

/** Prints a service's log in a readable form. Control characters from peers and clients stay escaped. */
export function printReadably(log: Readable, destination: 1 | Writable = 1): void {
  const colorize = process.stdout.isTTY === true;
  const readable = pretty({ destination, sync: true, ignore: 'pid,hostname', colorize });
  createInterface({ input: log })
    .on('line', (line) => readable.write(`${keepEscapes(line)}\n`))
    .on('close', () => readable.end());
}
