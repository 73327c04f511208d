import { beforeSession } from './common-responses.ts';
import type { Operation } from './operation.ts';
import { errorResponse } from './response.ts';

type Path = Pick<Operation, 'path' | 'operationId' | 'summary'>;

/** What a path answers to OPTIONS and to methods that none of its operations has (http/other-methods.ts). */
export function otherMethods(path: Path): Operation {
  return {
    ...path,
    method: 'options',
    description: 'Which methods the path has. Any other is answered with 405, and with the same `Allow`.',
    session: 'not needed',
    answers: {
      ...beforeSession,
      204: { description: 'The methods are in `Allow`.', headers: ['X-Request-Id', 'Allow'] },
      405: errorResponse(
        'MethodNotAllowed',
        'Not to this request: to one by a method that `Allow` does not name.',
        {
          errors: [
            {
              example: {
                message: 'There is no PUT of this path, only GET, HEAD, OPTIONS',
                code: 'method_not_allowed',
              },
            },
          ],
          headers: ['Allow'],
        },
      ),
    },
  };
}
