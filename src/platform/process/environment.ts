import { z } from 'zod';

/** The environment variables of a process. */
export type Variables = Record<string, string | undefined>;

/** The environment is not a valid configuration. Each problem names its variable and the rule for it. */
export class BadConfig extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`bad configuration:\n  ${problems.join('\n  ')}`);
    this.name = 'BadConfig';
    this.problems = problems;
  }
}

/** The value of a variable, or what is wrong with it: `must be …`. */
export type ReadField<Value> = { value: Value } | { problems: string[] };

/** A required variable that `reader` reads. */
export function field<Value>(what: string, reader: (given: string) => ReadField<Value>) {
  return z.string(`is missing: it must be ${what}`).transform((given, { addIssue }) => {
    const read = reader(given);
    if ('value' in read) return read.value;
    for (const problem of read.problems) addIssue(problem);
    return z.NEVER;
  });
}

/** The same with a reader that returns undefined for a bad value. */
export function parsed<Value>(what: string, parse: (given: string) => Value | undefined) {
  return field(what, (given): ReadField<Value> => {
    const value = parse(given);
    return value === undefined ? { problems: [`must be ${what}`] } : { value };
  });
}

/** A required text. */
export function text(what: string, pattern: RegExp) {
  return z.string(`is missing: it must be ${what}`).regex(pattern, `must be ${what}`);
}

/** A whole number with a default. `unit` follows the numbers in messages about a bad value. */
export function whole(min: number, max: number, fallback: number, unit: string) {
  return wholeNumber(min, max, unit).prefault(String(fallback));
}

/** A whole number without a default. */
export function wholeNumber(min: number, max: number, unit: string) {
  const rule = `must be a whole number from ${min} to ${max}${unit}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule);
}

/**
 * Reads variables; an empty one counts as missing.
 *
 * @throws BadConfig with every problem at once
 */
export function readVariables<Schema extends z.ZodType>(
  schema: Schema,
  variables: Variables,
): z.infer<Schema> {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new BadConfig(read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
}
