import { parse } from 'node:querystring';
import { type Problem, Refusal } from './errors.ts';

/** How much of a name that the client has made up is repeated to it, and how many names. */
const maxNameLength = 100;
const maxProblems = 10;

/**
 * Reads a query, all of it: Node's own would stop after 1,000 parameters, and leave out what comes later. The head of a
 * request has 16 kB at most.
 */
export function parseQuery(text: string | null): Record<string, unknown> {
  return parse(text ?? '', '&', '=', { maxKeys: 0 });
}

/**
 * Lets a query through that has known names alone, each of them once: whoever has mistyped a name would get an answer to
 * another question.
 *
 * @throws Refusal 400, which names the others
 */
export function refuseOtherNames(query: object, known: readonly string[]): void {
  // Own names alone, and compared as text: `constructor` or `__proto__` is a name like any other.
  const problems = Object.entries(query)
    .filter(([name, value]) => !known.includes(name) || Array.isArray(value))
    .slice(0, maxProblems)
    .map(([name]) => problemOf(name, known));
  if (problems.length > 0) throw new Refusal(400, problems);
}

function problemOf(name: string, known: readonly string[]): Problem {
  const message = known.includes(name)
    ? `${name} must be given once`
    : `the query has no such name, ${known.length === 0 ? 'nor any other' : `only ${known.join(', ')}`}`;
  return { message, field: name.slice(0, maxNameLength), code: 'invalid' };
}
