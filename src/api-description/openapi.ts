import { describeRequest } from './describe-request.ts';
import { type JsonSchemas, jsonSchemas } from './json-schema.ts';
import { type Answer, answerHeaders, type Operation } from './operation.ts';
import { version } from './version.ts';

const description = `Holds a ticket for one buyer while they pay.

**Sign in** with the auth service: its cookie \`express:sess\` is taken, or the same token as a bearer token. When
both are sent, the bearer token counts.

**Errors** all have one shape, \`{"errors": [{"message", "field"?, "code"?}]}\`. Show people the \`message\`; let
programs decide by the \`code\`. A path that is not described here is answered with 404 \`not_found\`, another method of
one that is with 405 \`method_not_allowed\` and \`Allow\`. A name in a query that is not described for the operation, or
one that is given twice, is answered with 400, which names it.

**Later versions** may add fields and codes, and take none away. Ignore what you do not know.

**What becomes of an order** later on is told by events to other services; a browser reads the order again.`;

/** The OpenAPI 3.1 document of the operations, made of the very schemas that stand beside the code. */
export function openapi(operations: readonly Operation[]) {
  const schemas = jsonSchemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describe(operation, schemas) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Orders', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    // Relative to where the document was fetched: it is true behind any host name, and behind any prefix.
    servers: [{ url: '../..' }],
    tags: [{ name: 'Orders', description: 'Hold a ticket, follow the order, let it go.' }],
    security: [{ session: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'express:sess',
          description: 'As the auth service sets it: base64 of `{"jwt": "<token>"}`.',
        },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The token of the auth service.',
        },
      },
      schemas: schemas.named,
    },
  };
}

function describe(operation: Operation, schemas: JsonSchemas) {
  const { operationId, summary, description, session, request = {}, answers } = operation;
  return {
    operationId,
    summary,
    description,
    tags: ['Orders'],
    ...(session === 'not needed' && { security: [] }),
    ...describeRequest(operation.path, request, schemas),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer, schemas)]),
    ),
  };
}

function describeAnswer({ description, headers, content }: Answer, schemas: JsonSchemas) {
  return {
    description,
    headers: Object.fromEntries(
      headers.map((name) => {
        const { description, schema } = answerHeaders[name];
        return [name, { description, schema: schemas.of(schema, 'output') }];
      }),
    ),
    ...(content && {
      content: {
        'application/json': {
          schema: schemas.of(content.schema, 'input'),
          ...(content.examples && {
            examples: Object.fromEntries(
              Object.entries(content.examples).map(([name, value]) => [name, { value }]),
            ),
          }),
        },
      },
    }),
  };
}
