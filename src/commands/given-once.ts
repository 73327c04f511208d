import { BadUsage } from './exit-codes.ts';

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
