import { z } from 'zod';
import type { Problem } from '../http/errors.ts';

/** A route as clients are told of it: what it takes, and every answer that it gives. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As the router has it: `/api/orders/:orderId`. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { schema: z.ZodType; required: 'required' | 'optional' };
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
  Link: {
    description: 'The path of the next page, there while more orders follow: `<path>; rel="next"`.',
    schema: z.string().meta({ examples: ['</api/orders?limit=20&cursor=MTg5MzQ1NjAw>; rel="next"'] }),
  },
};
type AnswerHeader = keyof typeof answerHeaders;

type KnownProblem = Problem & { code: string };

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

/** What the service answers before it looks at what is asked for; such an answer has no request id. */
function beforeReading(id: string, description: string, problem: KnownProblem): Answer {
  return { ...refusal(id, description, { problems: [problem] }), headers: [] };
}

/** The answers that every operation can give. */
export const everywhere: Record<number, Answer> = {
  401: refusal('NotSignedIn', 'You are not signed in, or the session is over or not valid.', {
    problems: [{ message: 'You are not signed in', code: 'not_signed_in' }],
  }),
  408: beforeReading('RequestTimeout', 'The request did not arrive in time. The connection is closed.', {
    message: 'The request did not arrive in time',
    code: 'timeout',
  }),
  431: beforeReading(
    'HeadersTooLarge',
    'The headers of the request are too large. The connection is closed.',
    {
      message: 'The headers are too large',
      code: 'headers_too_large',
    },
  ),
  500: refusal('Internal', 'A mistake of ours, which is in our log.', {
    problems: [
      {
        message: 'Something went wrong on our side',
        code: 'internal',
        requestId: '0c3f1a52-77aa-4f0e-8c55-0b1d1b7f2f3e',
      },
    ],
    details: { requestId: z.string().meta({ description: 'What to tell us when you ask about it.' }) },
  }),
  503: refusal(
    'Unavailable',
    'The service cannot answer right now. Whether a change was made is unknown: read the order, or repeat the ' +
      'request; with the same `Idempotency-Key` a repeated purchase is safe.',
    {
      problems: [{ message: 'The service cannot answer right now, please try again', code: 'unavailable' }],
      headers: ['Retry-After'],
    },
  ),
};

/** The answers that every operation which reads a body can give besides. */
export const withBody: Record<number, Answer> = {
  413: refusal('BodyTooLarge', 'The body is larger than 32 kB.', {
    problems: [{ message: 'The body is too large: at most 32 kB are accepted', code: 'too_large' }],
  }),
  415: refusal(
    'UnsupportedMediaType',
    'The body is not `application/json` in UTF-8, or is compressed in an unknown way.',
    {
      problems: [{ message: 'The body must be application/json in UTF-8', code: 'unsupported_media_type' }],
    },
  ),
};
