import type { DescribedError } from '../http/error-spec.ts';
import type { HeaderSpec } from '../http/response-headers.ts';
import type { JsonSchema, JsonSchemas } from './json-schema.ts';
import type { ErrorBody, ResponseSpec } from './response-spec.ts';

/** Describes a response for OpenAPI. */
export function describeResponse(response: ResponseSpec, schemas: JsonSchemas) {
  const { description, headers, optionalHeaders } = response;
  const content = describeContent(response, schemas);
  return {
    description,
    headers: Object.fromEntries([
      ...headers.map((header) => describeHeader(header, { required: true })),
      ...optionalHeaders.map((header) => describeHeader(header, { required: false })),
    ]),
    ...(content && { content: { 'application/json': content } }),
  };
}

function describeHeader({ name, description, example, schema }: HeaderSpec, required: { required: boolean }) {
  return [name, { description, ...required, example, schema }] as const;
}

function describeContent({ schema, errors }: ResponseSpec, schemas: JsonSchemas) {
  if (schema) return { schema: schemas.of(schema, 'input') };
  if (!errors) return undefined;
  const examples = errors.oneOf.map(({ code, example }) => [code, { value: { errors: [example] } }] as const);
  return { schema: describeErrors(errors, schemas), examples: Object.fromEntries(examples) };
}

/** A reference to the schema of a body with errors. */
function describeErrors({ id, oneOf }: ErrorBody, schemas: JsonSchemas): JsonSchema {
  const items = anyOf(oneOf);
  const body = schemas.add(id, {
    type: 'object',
    properties: { errors: { minItems: 1, type: 'array', items } },
    required: ['errors'],
  });
  for (const error of oneOf) schemas.add(schemaName(error), errorSchema(error));
  return body;
}

/** One schema for each code, with `code` as the discriminator (https://spec.openapis.org/oas/v3.1.1.html#discriminator-object). */
function anyOf(errors: readonly DescribedError[]): JsonSchema {
  const references = errors.map((error) => ({ $ref: `#/components/schemas/${schemaName(error)}` }));
  const [only, ...others] = references;
  if (only && others.length === 0) return only;
  const mapping = errors.map(({ code }, index) => [code, references[index]?.$ref] as const);
  return {
    oneOf: references,
    discriminator: { propertyName: 'code', mapping: Object.fromEntries(mapping) },
  };
}

function errorSchema({ code, description, details }: DescribedError): JsonSchema {
  const properties = Object.entries(details).map(([name, { schema }]) => [name, schema] as const);
  const required = Object.keys(details).filter((name) => !details[name]?.optional);
  return {
    type: 'object',
    properties: {
      message: { type: 'string', description: 'For people. It may be put in other words at any time.' },
      code: { type: 'string', const: code, description: 'For programs. It stays as it is.' },
      ...Object.fromEntries(properties),
    },
    required: ['message', 'code', ...required],
    ...(description !== undefined && { description }),
  };
}

/** `ticket_sold` is described as `TicketSoldError`. */
function schemaName({ code }: DescribedError): string {
  const words = code.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Error`;
}
