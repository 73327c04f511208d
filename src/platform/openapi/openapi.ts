import { posix } from 'node:path';
import { sessionCookieName } from '../http/session-cookies.ts';
import { describeRequest } from './describe-request.ts';
import { describeResponse } from './describe-response.ts';
import { type JsonSchemas, jsonSchemas } from './json-schema.ts';
import type { Operation } from './operation.ts';
import { version } from './version.ts';

/** An API as a whole. */
export interface Api {
  title: string;
  /** What clients read first, in Markdown. */
  introduction: string;
  /** What its operations are listed under. */
  tag: { name: string; description: string };
  /** Where the OpenAPI document is. */
  documentPath: string;
  /** The path of the page for browsers. */
  pagePath: string;
  operations: readonly Operation[];
  /** The words that its descriptions have in the document; as they stand here if absent. */
  toWording?: (description: string) => string;
}

/** Makes the OpenAPI 3.1 document of the API from the definitions that its routes use. */
export function openapi({ title, introduction, tag, documentPath, operations, toWording }: Api) {
  const schemas = jsonSchemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: describe(operation, { tag, schemas }) };
  }
  const document = {
    openapi: '3.1.1',
    info: {
      title,
      version,
      description: introduction,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to where the document was fetched: it is true behind any host name, and behind any prefix.
    servers: [{ url: posix.relative(posix.dirname(documentPath), '/') }],
    tags: [tag],
    security: [{ session: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookieName,
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
  return toWording ? reworded(document, toWording) : document;
}

/** The same with every `description` in other words. */
function reworded<Part>(part: Part, toWording: (description: string) => string): Part {
  const text = JSON.stringify(part, (key, value: unknown) =>
    key === 'description' && typeof value === 'string' ? toWording(value) : value,
  );
  return JSON.parse(text) as Part;
}

function describe(operation: Operation, { tag, schemas }: Pick<Api, 'tag'> & { schemas: JsonSchemas }) {
  const { operationId, summary, description, session, request = {} } = operation;
  return {
    operationId,
    summary,
    description,
    tags: [tag.name],
    ...(session === 'not needed' && { security: [] }),
    ...describeRequest(operation.path, request, schemas),
    responses: describeResponses(operation, schemas),
  };
}

function describeResponses({ operationId, responses }: Operation, schemas: JsonSchemas) {
  const byStatus = responses.toSorted((one, other) => one.status - other.status);
  const statuses = new Set(byStatus.map(({ status }) => status));
  if (statuses.size < byStatus.length) throw new Error(`${operationId} has two responses of one status`);
  return Object.fromEntries(
    byStatus.map((response) => [response.status, describeResponse(response, schemas)] as const),
  );
}
