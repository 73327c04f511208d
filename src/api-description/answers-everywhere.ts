import { z } from 'zod';
import { type Answer, type KnownProblem, refusal } from './operation.ts';

/** What the service answers before it looks at what is asked for; such an answer has no request id. */
function beforeReading(id: string, description: string, problem: KnownProblem): Answer {
  return { ...refusal(id, description, { problems: [problem] }), headers: [] };
}

/** The answers that every operation can give, also to one who is not signed in. */
export const beforeSession: Record<number, Answer> = {
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
  503: refusal(
    'Unavailable',
    'The service cannot answer right now. `overloaded`: more is asked for than can be served, and nothing was done. ' +
      '`unavailable`: whether a change was made is unknown: read the order, or repeat the request; with the same ' +
      '`Idempotency-Key` a repeated purchase is safe.',
    {
      problems: [
        { message: 'The service cannot answer right now, please try again', code: 'unavailable' },
        { message: 'More is asked for than can be served, please try again', code: 'overloaded' },
      ],
      headers: ['Retry-After'],
    },
  ),
};

/** The answers that every operation of a user can give. */
export const everywhere: Record<number, Answer> = {
  ...beforeSession,
  401: refusal('NotSignedIn', 'You are not signed in, or the session is over or not valid.', {
    problems: [{ message: 'You are not signed in', code: 'not_signed_in' }],
  }),
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
