import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import pretty from 'pino-pretty';

/**
 * A line of a log in which the escapes of controls are text, so that who reads its JSON does not find the controls again.
 * Line breaks and tabs are let through: those of a stack are meant.
 */
export function keepEscapes(line: string): string {
  // Any other escape is taken in, too: a backslash before a `u` may be the second of two.
  return line.replace(/\\(?:u[0-9a-f]{4}|.)/g, (found) => (/^\\[ubfr]/.test(found) ? `\\${found}` : found));
}

/** Prints a service's log for people. What peers and clients have put into it stays as harmless as it is in the log. */
export function printReadably(log: Readable, destination: 1 | Writable = 1): void {
  const colorize = process.stdout.isTTY === true;
  const readable = pretty({ destination, sync: true, ignore: 'pid,hostname', colorize });
  createInterface({ input: log })
    .on('line', (line) => readable.write(`${keepEscapes(line)}\n`))
    .on('close', () => readable.end());
}
