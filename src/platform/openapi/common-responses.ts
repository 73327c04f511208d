import {
  bodyTooLarge,
  headersTooLarge,
  internal,
  invalid,
  malformed,
  maxBodyKilobytes,
  notSignedIn,
  overloaded,
  requestTimeout,
  unsupportedMediaType,
} from '../http/common-errors.ts';
import type { DescribedError } from '../http/error-spec.ts';
import { requestIdHeader } from '../http/response-headers.ts';
import { errorResponse, type ResponseSpec } from './response-spec.ts';

/** The responses that every operation can give, also to a client that is not signed in. */
export function commonResponses(unavailable: DescribedError): ResponseSpec[] {
  return [
    withoutId(
      errorResponse('RequestTimeout', 'The request did not arrive in time. The connection is closed.', [
        requestTimeout,
      ]),
    ),
    withoutId(
      errorResponse(
        'HeadersTooLarge',
        'The headers of the request are too large. The connection is closed.',
        [headersTooLarge],
      ),
    ),
    errorResponse(
      'Unavailable',
      'The service cannot answer right now: come back after `Retry-After`. Without a JSON body it is a proxy that says ' +
        'so, and then it means what `unavailable` means.',
      [unavailable, overloaded],
    ),
  ];
}

/** The responses that every operation of a user can give besides. */
export const userResponses: readonly ResponseSpec[] = [
  errorResponse(
    'NotSignedIn',
    'You are not signed in, or the session is over or not valid: sign in (again) with the auth service.',
    [notSignedIn],
  ),
  errorResponse('Internal', 'A mistake of ours, which is in our log. Trying again does not help.', [
    internal,
  ]),
];

/** The responses that every operation which reads a body can give besides. */
export const bodyResponses: readonly ResponseSpec[] = [
  errorResponse('BodyTooLarge', `The body is larger than ${maxBodyKilobytes} kB.`, [bodyTooLarge]),
  errorResponse(
    'UnsupportedMediaType',
    'The body is not `application/json` in UTF-8, or is compressed in an unknown way.',
    [unsupportedMediaType],
  ),
];

/** The response to a request whose field is not as described; the field and its message make the example. */
export function badRequest(example: { field: string; message: string }): ResponseSpec {
  const response = errorResponse(
    'BadRequest',
    'The request is not as described. Each error is about one field; all of them are named at once.',
    [{ ...invalid, example: invalid.problem(example) }, malformed],
  );
  // What is not valid HTTP is answered before it can have an id.
  return { ...response, headers: [], optionalHeaders: [requestIdHeader] };
}

/** Of a response that is given before a request can have an id. */
function withoutId(response: ResponseSpec): ResponseSpec {
  return { ...response, headers: response.headers.filter((header) => header !== requestIdHeader) };
}
