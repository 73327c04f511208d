import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line is wrong; the message says what is allowed. */
export class BadOptions extends Error {}

/** @throws BadOptions for an unknown option, or one without its value */
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

/** @throws BadOptions when it is no whole number from `min` to `max` */
export function whole(name: string, value: string, min: number, max: number): number {
  if (/^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new BadOptions(
    `--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`,
  );
}
