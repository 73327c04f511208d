import { BadUsage } from './exit-codes.ts';

/** Options of a command line: one that is there or is not, and one with a text. */
export const flag = { type: 'boolean', default: false } as const;
export const text = { type: 'string' } as const;

type Tokens = readonly { kind: string; rawName?: string }[];

/**
 * Of an option that is there twice the parser would keep the last and say nothing: an id would be forgotten.
 *
 * @throws BadUsage
 */
export function refuseRepeated(tokens: Tokens, ...repeatable: string[]): void {
  const names = tokens.flatMap(({ kind, rawName }) => (kind === 'option' && rawName ? [rawName] : []));
  const twice = names.find((name, index) => names.indexOf(name) < index && !repeatable.includes(name));
  if (twice) throw new BadUsage(`${twice} is there twice: give it once, and run the command once for each`);
}

/** The id that an argument is, in lower case. @throws BadUsage with the problem where it is not an id */
export function requireId(given: string, problem = `${given} is not an id`): string {
  if (/^[0-9a-fA-F]{24}$/.test(given)) return given.toLowerCase();
  throw new BadUsage(`${problem}: ids have 24 hexadecimal digits`);
}

const maxReasonLength = 500;

/** The reason that an operator has given, trimmed: it is stored. @throws BadUsage with the rule, such as `--reason must say why` */
export function requireReason(rule: string, given = ''): string {
  const reason = given.trim();
  if (reason !== '' && reason.length <= maxReasonLength) return reason;
  throw new BadUsage(`${rule}, in at most ${maxReasonLength} characters`);
}
