import { z } from 'zod';
import type { Problem } from '../http/errors.ts';
import type { RequestSchema } from '../http/request-schema.ts';

/** A route as clients are told of it: what it takes, and every answer that it gives. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete' | 'options';
  /** As the router has it: `/api/orders/:orderId`. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  /** Absent: the client is signed in. */
  session?: 'not needed';
  /** What its route validates. */
  request?: RequestSchema;
  /** By status. */
  answers: Record<number, Answer>;
}

export interface Answer {
  description: string;
  headers: AnswerHeader[];
  /** Absent: the answer has no body. */
  content?: { schema: z.ZodType; examples?: Record<string, unknown> };
}

export const answerHeaders = {
  'X-Request-Id': {
    description:
      'What the answer is found by in the logs. One that you send is kept: letters, digits, `_.:-`.',
    schema: z.string(),
  },
  Location: {
    description: 'The path of the order.',
    schema: z.string().meta({ examples: ['/api/orders/6b04db2da39c0fc557bdbfb7'] }),
  },
  'Retry-After': {
    description: 'After how many seconds another try makes sense.',
    schema: z
      .int()
      .min(1)
      .meta({ examples: [612] }),
  },
  Allow: {
    description: 'The methods of the path.',
    schema: z.string().meta({ examples: ['GET, HEAD, OPTIONS, POST'] }),
  },
  Link: {
    description: 'The path of the next page, there while more orders follow: `<path>; rel="next"`.',
    schema: z.string().meta({ examples: ['</api/orders?limit=20&cursor=MTg5MzQ1NjAw>; rel="next"'] }),
  },
};
type AnswerHeader = keyof typeof answerHeaders;

export type KnownProblem = Problem & { code: string };

interface RefusalParts {
  /** One example for each code that the answer can have. */
  problems: [KnownProblem, ...KnownProblem[]];
  /** What a problem can tell besides its message, field and code. */
  details?: Record<string, z.ZodType>;
  headers?: AnswerHeader[];
}

/**
 * An answer in the error shape, whose schema goes by the id. Its codes are those of the examples and no others.
 */
export function refusal(
  id: string,
  description: string,
  { problems, details = {}, headers = [] }: RefusalParts,
): Answer {
  const codes = problems.map(({ code }) => code);
  const problem = z.object({
    message: z.string().meta({ description: 'For people. It may be put in other words at any time.' }),
    code: z.enum(codes).meta({ description: 'For programs. It stays as it is.' }),
    field: z.string().optional().meta({ description: 'The part of the request that it is about.' }),
    ...details,
  });
  return {
    description,
    headers: ['X-Request-Id', ...headers],
    content: {
      schema: z.object({ errors: z.array(problem).min(1) }).meta({ id }),
      examples: Object.fromEntries(problems.map((example) => [example.code, { errors: [example] }])),
    },
  };
}
