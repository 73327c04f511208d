import { z } from 'zod';
import { type ErrorSpec, errorResponse, type ResponseSpec } from './response.ts';

/** What the service answers before it looks at what is asked for; such a response has no request id. */
function beforeReading(id: string, description: string, example: ErrorSpec['example']): ResponseSpec {
  return { ...errorResponse(id, description, { errors: [{ example }] }), headers: [] };
}

/** The responses that every operation can give, also to one who is not signed in. */
export const beforeSession: Record<number, ResponseSpec> = {
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
  503: errorResponse(
    'Unavailable',
    'The service cannot answer right now: come back after `Retry-After`. Without a JSON body it is a proxy that says ' +
      'so, and then it means what `unavailable` means.',
    {
      errors: [
        {
          example: {
            message: 'The service cannot answer right now, please try again',
            code: 'unavailable',
          },
          description:
            'Whether a change was made is not known: read the order, or repeat the request. With the same ' +
            '`Idempotency-Key` a repeated purchase is safe, and repeated cancelling is always.',
        },
        {
          example: { message: 'More is asked for than can be served, please try again', code: 'overloaded' },
          description: 'More is asked for than can be served. Nothing was done.',
        },
      ],
      headers: ['Retry-After'],
    },
  ),
};

/** The responses that every operation of a user can give. */
export const everywhere: Record<number, ResponseSpec> = {
  ...beforeSession,
  401: errorResponse(
    'NotSignedIn',
    'You are not signed in, or the session is over or not valid: sign in (again) with the auth service.',
    { errors: [{ example: { message: 'You are not signed in', code: 'not_signed_in' } }] },
  ),
  500: errorResponse('Internal', 'A mistake of ours, which is in our log. Trying again does not help.', {
    errors: [
      {
        example: {
          message: 'Something went wrong on our side',
          code: 'internal',
          requestId: '0c3f1a52-77aa-4f0e-8c55-0b1d1b7f2f3e',
        },
        details: { requestId: z.string().meta({ description: 'What to tell us when you ask about it.' }) },
      },
    ],
  }),
};

/** The responses that every operation which reads a body can give besides. */
export const withBody: Record<number, ResponseSpec> = {
  413: errorResponse('BodyTooLarge', 'The body is larger than 32 kB.', {
    errors: [
      { example: { message: 'The body is too large: at most 32 kB are accepted', code: 'too_large' } },
    ],
  }),
  415: errorResponse(
    'UnsupportedMediaType',
    'The body is not `application/json` in UTF-8, or is compressed in an unknown way.',
    {
      errors: [
        {
          example: {
            message: 'The body must be application/json in UTF-8',
            code: 'unsupported_media_type',
          },
        },
      ],
    },
  ),
};
