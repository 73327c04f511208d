import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line is wrong; the message says what would be right. */
export class BadOptions extends Error {}

/** @throws BadOptions for an option that there is not, or that lacks its value */
export function parseOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values;
  } catch (error) {
    throw new BadOptions((error as Error).message);
  }
}

/** @throws BadOptions when it is no whole number from `least` to `most` */
export function whole(name: string, value: string, least: number, most: number): number {
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new BadOptions(
    `--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`,
  );
}
