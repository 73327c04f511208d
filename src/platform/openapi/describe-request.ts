import type { Field, RequestPart } from '../http/request-fields.ts';
import { type BodySchema, isBodyRequired, type RequestSchema, writtenName } from '../http/request-schema.ts';
import type { JsonSchema, JsonSchemas } from './json-schema.ts';

/** Describes a request for OpenAPI, from the schema that its route validates with. */
export function describeRequest(path: string, request: RequestSchema, schemas: JsonSchemas) {
  const { params, query = {}, headers = {}, body } = request;
  return {
    parameters: [
      ...parametersOf('params', { ...paramsOf(path), ...params }),
      ...parametersOf('query', query),
      ...parametersOf('headers', headers),
    ],
    ...(body && {
      requestBody: {
        required: isBodyRequired(body),
        content: { 'application/json': { schema: schemas.add(body.id, bodySchema(body)) } },
      },
    }),
  };
}

type DescribedField = Pick<Field, 'required' | 'schema'> & Partial<Pick<Field, 'description' | 'example'>>;

/** OpenAPI wants all parameters of a path to be described, also where an operation does not read them. */
function paramsOf(path: string): Record<string, DescribedField> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  return Object.fromEntries(names.map((name) => [name, { required: true, schema: { type: 'string' } }]));
}

const openApiParts = { params: 'path', query: 'query', headers: 'header' };

function parametersOf(part: Exclude<RequestPart, 'body'>, fields: Record<string, DescribedField>) {
  return Object.entries(fields).map(([name, { required, description, example, schema }]) => ({
    name: writtenName(part, name),
    in: openApiParts[part],
    required,
    ...(description && { description }),
    ...(example !== undefined && { example }),
    schema,
  }));
}

function bodySchema({ fields, otherFields }: BodySchema): JsonSchema {
  const required = Object.keys(fields).filter((name) => fields[name]?.required);
  const properties = Object.entries(fields).map(([name, { description, example, schema }]) => [
    name,
    { description, ...(example !== undefined && { examples: [example] }), ...schema },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as Record<string, JsonSchema>,
    ...(required.length > 0 && { required }),
    ...(otherFields === 'refused' && { additionalProperties: false }),
  };
}
