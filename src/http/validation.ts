import type { Request } from 'express';
import express, { type RequestHandler } from 'express';
import {
  type ContextRunner,
  type FieldValidationError,
  matchedData,
  validationResult,
} from 'express-validator';
import type { z } from 'zod';
import { Refusal } from './errors.ts';
import { findHostileKey } from './hostile-keys.ts';
import { refuseOtherNames } from './query-names.ts';

declare global {
  namespace Express {
    interface Request {
      /** What `accept` has found, by field. */
      fields?: object;
    }
  }
}

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
  const key = findHostileKey(req.body);
  if (key === undefined) return;
  throw new Refusal(400, {
    message: 'a name must not be an operator, such as $gt, or reach a prototype, such as __proto__',
    field: key.slice(0, longestName),
    code: 'invalid',
  });
}

/** The parts of a request, each with what is accepted there. */
export interface Shape {
  body?: z.ZodType;
  headers?: z.ZodType;
  params?: z.ZodType;
  /** Of a request that has none, every name is refused. */
  query?: z.ZodObject;
}

/**
 * Lets a request through if its shape is right, its query has no other names and none of its names is hostile; else 400 with each field and what
 * would be right. The chains say what that is, so they run for a request that the shape refuses; on what is accepted
 * the two agree (order-requests.unit.test.ts), and the shape is far quicker to ask.
 */
export function accept(shape: Shape, ...chains: ContextRunner[]): RequestHandler {
  const parts = Object.entries(shape) as [keyof Shape, z.ZodType][];
  const queryNames = Object.keys(shape.query?.shape ?? {});
  return async (req, _res, next) => {
    refuseOtherNames(req.query, queryNames);
    const fields = matching(req, parts) ?? (await matchingChains(req, chains));
    refuseHostileKeys(req);
    req.fields = fields;
    next();
  };
}

/** What the request has where the shape looks; undefined when some of it does not fit. */
function matching(req: Request, parts: [keyof Shape, z.ZodType][]): object | undefined {
  const fields = {};
  for (const [part, schema] of parts) {
    const found = schema.safeParse(req[part]);
    if (!found.success) return undefined;
    Object.assign(fields, found.data);
  }
  return fields;
}

async function matchingChains(req: Request, chains: ContextRunner[]): Promise<object> {
  for (const chain of chains) await chain.run(req);
  const problems = validationResult(req).array({ onlyFirstError: true });
  if (problems.length === 0) return matchedData(req);
  throw new Refusal(
    400,
    problems.map((problem) => ({
      message: String(problem.msg),
      ...(isFieldProblem(problem) && problem.path !== '' && { field: problem.path }),
      code: 'invalid',
    })),
  );
}

/** What `accept` has accepted, by field. */
export function accepted<Fields>(req: Request): Fields {
  return req.fields as Fields;
}

function isFieldProblem(problem: { type: string }): problem is FieldValidationError {
  return problem.type === 'field';
}
