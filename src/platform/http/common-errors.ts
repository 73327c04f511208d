import { errorSpec } from './error-spec.ts';
import { allowHeader, requestIdHeader, retryAfterHeader } from './response-headers.ts';

/** The errors that any request can get. */

interface Message {
  message: string;
}

interface RetryAfter {
  /** Whole seconds. */
  retryAfterSeconds: number;
}

/** The largest body that is read, in units of 1,024 bytes. */
export const maxBodyKilobytes = 32;

const malformedMessage = 'The request is malformed: the path, or a body that is not valid JSON';

/** What cannot be read as HTTP or as JSON. */
export const malformed = errorSpec<Partial<Message>>({
  status: 400,
  code: 'malformed',
  message: ({ message = malformedMessage }) => message,
  description: 'The request is not valid HTTP, its path cannot be read, or its body is not valid JSON.',
  example: {},
});

/** An invalid field; `field` is its name. */
export const invalid = errorSpec<Message & { field?: string | undefined }>({
  status: 400,
  code: 'invalid',
  message: ({ message }) => message,
  details: {
    field: {
      schema: {
        description:
          'The parameter, the header or the field of the body that it is about; absent where it is the whole body.',
        type: 'string',
      },
      optional: true,
      value: ({ field }) => field,
    },
  },
  example: { message: 'name must be a text', field: 'name' },
});

export const notSignedIn = errorSpec({
  status: 401,
  code: 'not_signed_in',
  message: 'You are not signed in',
});

/** A request that a form of another site could have sent, with the session cookie of the site's visitor. */
export const crossSite = errorSpec({
  status: 403,
  code: 'cross_site',
  message: 'This request comes from another site. Send JSON, or a bearer token',
  description: 'A request without a `Content-Type`, or with that of a form, comes from another site.',
});

export const notFound = errorSpec<Message>({
  status: 404,
  code: 'not_found',
  message: ({ message }) => message,
  example: { message: 'There is no GET /' },
});

export const methodNotAllowed = errorSpec<{ method: string; allow: string }>({
  status: 405,
  code: 'method_not_allowed',
  message: ({ method, allow }) => `There is no ${method} of this path, only ${allow}`,
  headers: [{ header: allowHeader, value: ({ allow }) => allow }],
  example: { method: 'PUT', allow: 'GET, HEAD, OPTIONS' },
});

export const requestTimeout = errorSpec({
  status: 408,
  code: 'timeout',
  message: 'The request did not arrive in time',
});

export const bodyTooLarge = errorSpec({
  status: 413,
  code: 'too_large',
  message: `The body is too large: at most ${maxBodyKilobytes} kB are accepted`,
});

export const unsupportedMediaType = errorSpec({
  status: 415,
  code: 'unsupported_media_type',
  message: 'The body must be application/json in UTF-8',
});

export const headersTooLarge = errorSpec({
  status: 431,
  code: 'headers_too_large',
  message: 'The headers are too large',
});

/** A bug of the service. Its details are only in the log, with the request's id. */
export const internal = errorSpec<{ requestId: string }>({
  status: 500,
  code: 'internal',
  message: 'Something went wrong on our side',
  details: {
    requestId: {
      schema: { type: 'string', description: 'What to tell us when you ask about it.' },
      value: ({ requestId }) => requestId,
    },
  },
  example: { requestId: String(requestIdHeader.example) },
});

/** The outcome of a write may be unknown; a retry with the same idempotency key is safe. */
export const unavailable = errorSpec<Partial<RetryAfter>>({
  status: 503,
  code: 'unavailable',
  message: 'The service cannot answer right now, please try again',
  headers: [
    {
      header: retryAfterHeader,
      value: ({ retryAfterSeconds = spreadRetrySeconds() }) => retryAfterSeconds,
    },
  ],
  example: {},
});

/** Nothing was done for the request. */
export const overloaded = errorSpec<RetryAfter & Partial<Message>>({
  status: 503,
  code: 'overloaded',
  message: ({ message = 'More is asked for than can be served, please try again' }) => message,
  description: 'More is asked for than can be served. Nothing was done.',
  headers: [{ header: retryAfterHeader, value: ({ retryAfterSeconds }) => retryAfterSeconds }],
  example: { retryAfterSeconds: 2 },
});

/** `Retry-After` in whole seconds, 1 to 3 at random: clients that fail together must not return together. */
function spreadRetrySeconds(): number {
  return 1 + Math.floor(Math.random() * 3);
}
