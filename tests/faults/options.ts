import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface Options {
  rounds: number;
  /** Of the first round; each further one has the next number. */
  seed: number;
  /** How long load and faults last in a round, in seconds. */
  seconds: number;
}

/** A history to be checked once more. */
export interface Recheck {
  check: string;
}

export const usage = `usage: npm run test:faults [-- [--rounds N] [--seed S] [--seconds N] | -- --check FILE]
  --rounds N    how many rounds, 1 to 1000 (1)
  --seed S      0 to 4294967295, decides the faults and the choices of the load (a random one)
  --seconds N   how long a round has load and faults, 10 to 3600 (120); its start and its end come on top
  --check FILE  checks the history.jsonl that a failed round has left behind`;

/** The command line is wrong; the message says what would be right. */
export class BadOptions extends Error {}

/** @throws BadOptions */
export function readOptions(args: string[]): Options | Recheck {
  const { check, rounds, seed, seconds } = parse(args);
  if (check !== undefined) return { check };
  const first = seed === undefined ? randomInt(2 ** 31) : whole('seed', seed, 0, 2 ** 32 - 1);
  return {
    rounds: whole('rounds', rounds ?? '1', 1, 1_000),
    seed: first,
    seconds: whole('seconds', seconds ?? '120', 10, 3_600),
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = { rounds: text, seed: text, seconds: text, check: text };
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw new BadOptions((error as Error).message);
  }
}

function whole(name: string, value: string, least: number, most: number): number {
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new BadOptions(
    `--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`,
  );
}
