import type { Request, RequestHandler } from 'express';
import { body, matchedData, type ValidationChain, type ValidationError } from 'express-validator';
import { invalid } from './common-errors.ts';
import { HttpError, type Problem } from './http-error.ts';
import { refuseOtherNames } from './other-names.ts';
import {
  chainsOf,
  type FieldChain,
  isBodyRequired,
  type RequestSchema,
  type Validated,
} from './request-schema.ts';

/**
 * Validates a request with its schema; otherwise 400 with each invalid field and its rule. The chains of express-validator
 * check the values. Unknown names are checked separately.
 */
export function validate(request: RequestSchema): RequestHandler {
  const chains = chainsOf(request);
  const queryNames = Object.keys(request.query ?? {});
  const bodyNames = Object.keys(request.body?.fields ?? {});
  const refusesOtherFields = request.body?.otherFields === 'refused';
  // A required field refuses a body that is not an object. Without one, the body itself is validated.
  const wholeBody = request.body && !isBodyRequired(request.body) && bodyIsObject();
  return async (req, _res, next) => {
    const { query } = req;
    refuseOtherNames({ part: 'query', given: query, known: queryNames });
    // Express parses the query each time it is read, and chains read it many times.
    if (queryNames.length > 0) Object.defineProperty(req, 'query', { value: query });
    if (refusesOtherFields) refuseOtherNames({ part: 'body', given: fieldsOf(req.body), known: bodyNames });
    const problems = wholeBody ? await problemsOfBody(wholeBody, req) : [];
    for (const field of chains) {
      // The chain would accept it, too, but running it costs time.
      if (!field.required && isAbsent(req, field)) continue;
      problems.push(...(await field.chain.run(req)).array({ onlyFirstError: true }));
    }
    if (problems.length > 0) throw new HttpError(invalid.status, problems.map(describeProblem));
    next();
  };
}

/** The fields of a validated request: only those in its schema. */
export function validated<Schema extends RequestSchema>(req: Request): Validated<Schema> {
  return matchedData(req) as Validated<Schema>;
}

function isAbsent(req: Request, { part, name }: FieldChain): boolean {
  const fields: unknown = req[part];
  return (fields as Record<string, unknown> | null | undefined)?.[name] === undefined;
}

async function problemsOfBody(chain: ValidationChain, req: Request): Promise<ValidationError[]> {
  // The chain would find nothing, but running it costs time.
  if (req.body === undefined || fieldsOf(req.body) === req.body) return [];
  // A dry run: the body as a whole must not be among the validated fields.
  return (await chain.run(req, { dryRun: true })).array();
}

function bodyIsObject() {
  return body('', 'the body must be a JSON object').optional().isObject();
}

function fieldsOf(body: unknown): object {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
}

function describeProblem(problem: ValidationError): Problem {
  const field = problem.type === 'field' && problem.path !== '' ? problem.path : undefined;
  return invalid.problem({ message: String(problem.msg), field });
}
