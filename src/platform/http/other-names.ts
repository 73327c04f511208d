import { parse } from 'node:querystring';
import { invalid } from './common-errors.ts';
import { HttpError } from './http-error.ts';

/** How much of a name that the client has made up its answer repeats, and how many such names. */
const maxNameLength = 100;
const maxProblems = 10;

/**
 * Reads a query, all of it: Node's own would stop after 1,000 parameters, and leave out what comes later. The head of a
 * request has 16 kB at most.
 */
export function parseQuery(text: string | null): Record<string, unknown> {
  return parse(text ?? '', '&', '=', { maxKeys: 0 });
}

interface NamedPart {
  part: 'query' | 'body';
  /** What the request has there, by name. */
  given: object;
  known: readonly string[];
}

/**
 * Lets a query or a body through that has known names alone, a query each of them once: without it a mistyped name would be
 * ignored, and the answer would be to another question. express-validator's own `checkExact` knows the names that every object has, such as
 * `constructor`, and lets them through.
 *
 * @throws HttpError 400, which names the others
 */
export function refuseOtherNames({ part, given, known }: NamedPart): void {
  // Own names alone, and compared as text: `constructor` or `__proto__` is a name like any other.
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
