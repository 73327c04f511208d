import { parse } from 'node:querystring';
import { invalid } from './common-errors.ts';
import { HttpError } from './http-error.ts';

/** How many characters of an unknown name the response repeats, and how many such names. */
const maxNameLength = 100;
const maxProblems = 10;

/**
 * Reads the whole query. Node by default ignores parameters after the first 1,000. The head of a request has 16 kB at most.
 */
export function parseQuery(text: string | null): Record<string, unknown> {
  return parse(text ?? '', '&', '=', { maxKeys: 0 });
}

interface NamedPart {
  part: 'query' | 'body';
  /** The fields that the request has, by name. */
  given: object;
  known: readonly string[];
}

/**
 * Refuses unknown names in a query or a body, and repeated names in a query. Otherwise a mistyped name would be ignored, and
 * the response would be that of another request. `checkExact` of express-validator accepts the names that every object
 * inherits, such as `constructor`.
 *
 * @throws HttpError 400, with the unknown names
 */
export function refuseOtherNames({ part, given, known }: NamedPart): void {
  // Only own properties, compared as strings: `constructor` or `__proto__` is a name like any other.
  const problems = Object.entries(given)
    .filter(([name, value]) => !known.includes(name) || (part === 'query' && Array.isArray(value)))
    .slice(0, maxProblems)
    .map(([name]) =>
      invalid.problem({ message: messageFor(name, { part, known }), field: name.slice(0, maxNameLength) }),
    );
  if (problems.length > 0) throw new HttpError(invalid.status, problems);
}

function messageFor(name: string, { part, known }: Omit<NamedPart, 'given'>): string {
  if (known.includes(name)) return `${name} must be given once`;
  return `the ${part} has no such name, ${known.length === 0 ? 'nor any other' : `only ${known.join(', ')}`}`;
}
