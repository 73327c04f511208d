import {
  bodyTooLarge,
  crossSite,
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

/** The additional responses of every operation that needs a session. */
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

/** The additional response of every POST. */
export const crossSiteResponse: ResponseSpec = errorResponse(
  'CrossSite',
  "A browser sends this from another site, and in a form that needs nobody's permission. Send JSON, or a bearer token.",
  [crossSite],
);

/** The additional responses of every operation that reads a body. */
export const bodyResponses: readonly ResponseSpec[] = [
  errorResponse('BodyTooLarge', `The body is larger than ${maxBodyKilobytes} kB.`, [bodyTooLarge]),
  errorResponse(
    'UnsupportedMediaType',
    'The body is not `application/json` in UTF-8, or is compressed in an unknown way.',
    [unsupportedMediaType],
  ),
];

/** The response to an invalid request. The example has this field and message. */
export function badRequest(example: { field: string; message: string }): ResponseSpec {
  const response = errorResponse(
    'BadRequest',
    'The request is not as described. Each error is about one field; all of them are named at once.',
    [{ ...invalid, example: invalid.problem(example) }, malformed],
  );
  // A request that is not valid HTTP gets its response before it can have an id.
  return { ...response, headers: [], optionalHeaders: [requestIdHeader] };
}

/** The response without the request's id, when it is sent before the request can have one. */
function withoutId(response: ResponseSpec): ResponseSpec {
  return { ...response, headers: response.headers.filter((header) => header !== requestIdHeader) };
}
