import type { Request, RequestHandler } from 'express';
import {
  type ContextRunner,
  type FieldValidationError,
  matchedData,
  validationResult,
} from 'express-validator';
import type { z } from 'zod';
import { Refusal } from './errors.ts';
import { refuseOtherNames } from './query-names.ts';

declare global {
  namespace Express {
    interface Request {
      /** What `accept` has found, by field. */
      fields?: object;
    }
  }
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
 * Lets a request through if its shape is right and its query has no other names; else 400 with each field and what
 * would be right. The chains say what that is, so they run for a request that the shape refuses; on what is accepted
 * the two agree (order-requests.unit.test.ts), and the shape is far quicker to ask.
 */
export function accept(shape: Shape, ...chains: ContextRunner[]): RequestHandler {
  const parts = Object.entries(shape) as [keyof Shape, z.ZodType][];
  const queryNames = Object.keys(shape.query?.shape ?? {});
  return async (req, _res, next) => {
    refuseOtherNames(req.query, queryNames);
    req.fields = matching(req, parts) ?? (await matchingChains(req, chains));
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
