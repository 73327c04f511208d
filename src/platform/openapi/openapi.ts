import { describeRequest } from './describe-request.ts';
import { introduction } from './introduction.ts';
import { type JsonSchemas, jsonSchemas } from './json-schema.ts';
import type { Operation } from './operation.ts';
import type { ResponseSpec } from './response.ts';
import { type HeaderName, responseHeaders } from './response-headers.ts';
import { version } from './version.ts';

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
    info: {
      title: 'Orders',
      version,
      description: introduction,
      license: { name: 'MIT', identifier: 'MIT' },
    },
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
      Object.entries(answers).map(([status, answer]) => [status, describeResponse(answer, schemas)]),
    ),
  };
}

function describeResponse(
  { description, headers, optionalHeaders = [], content }: ResponseSpec,
  schemas: JsonSchemas,
) {
  const always = headers.map((name) => ({ name, required: true }));
  const sometimes = optionalHeaders.map((name) => ({ name, required: false }));
  return {
    description,
    headers: Object.fromEntries([...always, ...sometimes].map((header) => describeHeader(header, schemas))),
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

function describeHeader({ name, required }: { name: HeaderName; required: boolean }, schemas: JsonSchemas) {
  const { description, example, schema } = responseHeaders[name];
  return [name, { description, required, example, schema: schemas.of(schema, 'output') }] as const;
}
