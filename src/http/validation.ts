import type { Request } from 'express';
import express, { type RequestHandler } from 'express';
import {
  type ContextRunner,
  type FieldValidationError,
  matchedData,
  validationResult,
} from 'express-validator';
import { Refusal } from './errors.ts';
import { findHostileKey } from './hostile-keys.ts';

/** The largest body that is read. */
const bodyLimit = '32kb';

/** How much of a name that the client has made up is repeated to it. */
const longestName = 100;

/** Reads a JSON body. Another media type is refused instead of being taken for no body at all. */
export const jsonBody: RequestHandler[] = [
  (req, _res, next) => {
    const type = req.headers['content-type'];
    // `is` tells null where there is no body, false where there is one of another type.
    if (type !== undefined && (req.is('json') === false || !isUtf8(type))) throw unsupportedMediaType();
    next();
  },
  express.json({ limit: bodyLimit, type: () => true }),
  (req, _res, next) => {
    // A body of no type may turn out to be empty, as one that is sent in chunks.
    const empty = req.body === undefined || Object.keys(Object(req.body)).length === 0;
    if (req.headers['content-type'] === undefined && !empty) throw unsupportedMediaType();
    next();
  },
];

/** JSON is exchanged in UTF-8 alone: https://www.rfc-editor.org/rfc/rfc8259#section-8.1 */
function isUtf8(type: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1];
  return charset === undefined || charset.toLowerCase() === 'utf-8';
}

function unsupportedMediaType(): Refusal {
  const message = 'The body must be application/json in UTF-8';
  return new Refusal(415, { message, code: 'unsupported_media_type' });
}

function refuseHostileKeys(req: Request): void {
  const key = findHostileKey(req.query) ?? findHostileKey(req.body);
  if (key === undefined) return;
  throw new Refusal(400, {
    message: 'a name must not be an operator, such as $gt, or reach a prototype, such as __proto__',
    field: key.slice(0, longestName),
    code: 'invalid',
  });
}

/**
 * Lets a request through if all chains accept it and none of its names is hostile; else 400 with each field and
 * what would be right.
 */
export function accept(...chains: ContextRunner[]): RequestHandler {
  return async (req, _res, next) => {
    for (const chain of chains) await chain.run(req);
    const problems = validationResult(req).array({ onlyFirstError: true });
    if (problems.length > 0) {
      throw new Refusal(
        400,
        problems.map((problem) => ({
          message: String(problem.msg),
          ...(isFieldProblem(problem) && problem.path !== '' && { field: problem.path }),
          code: 'invalid',
        })),
      );
    }
    refuseHostileKeys(req);
    next();
  };
}

/** What the chains of `accept` have accepted, by field. */
export function accepted<Fields>(req: Request): Fields {
  return matchedData<Fields & Record<string, unknown>>(req);
}

function isFieldProblem(problem: { type: string }): problem is FieldValidationError {
  return problem.type === 'field';
}
