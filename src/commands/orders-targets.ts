import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { requireId, text } from './arguments.ts';
import { BadUsage } from './exit-codes.ts';

/** What an operator means: orders, or the tickets whose orders are meant. Each id once, in lower case. */
export interface Targets {
  kind: 'orders' | 'tickets';
  ids: string[];
}

/** The options by which tickets are named. */
export const targetOptions = { ticket: { ...text, multiple: true }, 'from-file': text } as const;

type Tokens = readonly { kind: string; name?: string; value?: string | boolean | undefined }[];

/**
 * Reads the ids of a command line: those behind `--ticket`, also several of them, or in a file, an id a line, are tickets;
 * others are orders.
 *
 * @param signal ends the wait for a standard input that does not end
 * @throws BadUsage that names what is wrong and what would be right
 */
export async function readTargets(
  tokens: Tokens,
  fromFile: string | undefined,
  signal: AbortSignal,
): Promise<Targets> {
  const named = tokens.flatMap(({ kind, name, value }) =>
    kind === 'positional' || (kind === 'option' && name === 'ticket') ? [String(value)] : [],
  );
  const first = tokens.find(({ kind, name }) => kind === 'positional' || name === 'ticket');
  const isTickets = fromFile !== undefined || tokens.some(({ name }) => name === 'ticket');
  if (isTickets && first?.kind === 'positional')
    throw new BadUsage('give the ids of orders, or those of tickets behind --ticket or in a file, not both');
  const filed = fromFile === undefined ? [] : await idsIn(fromFile, signal);
  const option = isTickets ? '--ticket ' : '';
  const ids = [...named.map((id) => requireId(id, `${option}${id} is not an id`)), ...filed];
  return { kind: isTickets ? 'tickets' : 'orders', ids: [...new Set(ids)] };
}

/** An id a line; empty lines and those that begin with `#` do not count. `-` is the standard input. @throws BadUsage */
async function idsIn(file: string, signal: AbortSignal): Promise<string[]> {
  let content: string;
  try {
    // Not by the name /dev/stdin, which is opened anew: a container's user may not, and a socket cannot be opened.
    content =
      file === '-' ? await readAll(addAbortSignal(signal, process.stdin)) : await readFile(file, 'utf8');
  } catch (error) {
    throw new BadUsage(`--from-file ${file} cannot be read: ${(error as Error).message}`);
  }
  const lines = content.split('\n').map((line, index) => ({ id: line.trim(), number: index + 1 }));
  const filled = lines.filter(({ id }) => id !== '' && !id.startsWith('#'));
  if (filled.length === 0)
    throw new BadUsage(`--from-file ${file} has no ids: it needs the id of a ticket on each line`);
  return filled.map(({ id, number }) => requireId(id, `--from-file ${file} has no id on line ${number}`));
}
