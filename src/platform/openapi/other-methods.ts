import { methodNotAllowed } from '../http/common-errors.ts';
import { allowHeader } from '../http/response-headers.ts';
import type { Operation } from './operation.ts';
import { errorResponse, responseSpec } from './response-spec.ts';

type PathDescription = Pick<Operation, 'path' | 'operationId' | 'summary' | 'responses'>;

/**
 * The responses of a path to OPTIONS and to methods that none of its operations has (http/other-methods.ts), besides the
 * given ones.
 */
export function otherMethods({ responses, ...path }: PathDescription): Operation {
  return {
    ...path,
    method: 'options',
    description: 'Which methods the path has. Any other is answered with 405, and with the same `Allow`.',
    session: 'not needed',
    responses: [
      ...responses,
      responseSpec({ status: 204, description: 'The methods are in `Allow`.', headers: [allowHeader] }),
      errorResponse(
        'MethodNotAllowed',
        'Not to this request: to one by a method that `Allow` does not name.',
        [methodNotAllowed],
      ),
    ],
  };
}
