import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { openapi } from '../../src/platform/openapi/openapi.ts';

interface DescribedHeader {
  required: boolean;
  example: unknown;
  schema: { type?: string };
}

interface DescribedAnswer {
  headers: Record<string, DescribedHeader>;
  content?: Record<string, { schema: unknown; examples?: Record<string, { value: unknown }> }>;
}

interface DescribedOperation {
  operationId: string;
  responses: Record<string, DescribedAnswer>;
}

/**
 * Holds real answers against what the document says of them, and keeps a record of what has been seen: an answer
 * as `placeOrder 409 ticket_sold`, its headers as `placeOrder 201 Location`.
 */
export function documentedResponses(document: ReturnType<typeof openapi>) {
  // A copy as clients get it.
  const { paths, components } = JSON.parse(JSON.stringify(document)) as {
    paths: Record<string, Record<string, DescribedOperation>>;
    components: { schemas: Record<string, unknown> };
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const ajv = new Ajv2020({
    strict: true,
    // `discriminator` names the schema among several; that one of them fits is checked all the same.
    keywords: ['components', 'discriminator'],
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  });
  const closedComponents = closed(components);
  const validators = new Map<unknown, ValidateFunction>();
  const seen = new Set<string>();
  /** Headers that are promised somewhere; all others, such as `Date`, say nothing of the orders. */
  const promised = new Set(
    operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ headers }) => Object.keys(headers)),
    ),
  );

  function validatorOf(schema: unknown): ValidateFunction {
    const known = validators.get(schema);
    if (known) return known;
    const compiled = ajv.compile({ ...(closed(schema) as object), components: closedComponents });
    validators.set(schema, compiled);
    return compiled;
  }

  /** The codes of the errors that a response's schema allows, each after a space; one empty code where it has no errors. */
  function codesIn(schema: unknown): string[] {
    const body = resolved(schema) as
      | { properties?: { errors?: { items: { oneOf?: unknown[] } } } }
      | undefined;
    const items = body?.properties?.errors?.items;
    if (!items) return [''];
    return (items.oneOf ?? [items]).map((one) => {
      const error = resolved(one) as { properties: { code: { const: string } } };
      return ` ${error.properties.code.const}`;
    });
  }

  /** The schema itself, where it is given by its name. */
  function resolved(schema: unknown): unknown {
    const name = /^\{"\$ref":"#\/components\/schemas\/(\w+)"\}$/.exec(JSON.stringify(schema ?? {}))?.[1];
    return name === undefined ? schema : components.schemas[name];
  }

  function described(operationId: string, status: number): DescribedAnswer {
    const operation = operations.find((one) => one.operationId === operationId);
    const answer = operation?.responses[status];
    if (!answer) throw new Error(`${operationId} has answered with ${status}, which is not documented`);
    return answer;
  }

  function checkHeaders(name: string, answer: Response, wanted: DescribedAnswer): void {
    for (const header of promised) {
      const value = answer.headers.get(header);
      const problem = flawOf(value, wanted.headers[header]);
      if (problem) throw new Error(`${name} has ${header} as ${value}, which ${problem}`);
      if (value !== null) seen.add(`${name} ${header}`);
    }
  }

  /** What is wrong with a header's value, or with its absence; undefined if nothing is. */
  function flawOf(value: string | null, described: DescribedHeader | undefined): string | undefined {
    if (value === null) return described?.required ? 'is documented as always there' : undefined;
    if (!described) return 'is not documented';
    const { schema } = described;
    return validatorOf(schema)(schema.type === 'integer' ? Number(value) : value)
      ? undefined
      : 'is not as documented';
  }

  function checkBody(name: string, text: string, answer: Response, wanted: DescribedAnswer): void {
    if (!wanted.content) {
      if (text !== '') throw new Error(`${name} has a body, which is not documented: ${text}`);
      seen.add(name);
      return;
    }
    const type = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
    const content = wanted.content[type];
    if (!content) throw new Error(`${name} has the content type ${type}, which is not documented`);
    const body: unknown = JSON.parse(text);
    const validate = validatorOf(content.schema);
    if (!validate(body))
      throw new Error(`${name} is not as documented: ${ajv.errorsText(validate.errors)}: ${text}`);
    for (const code of codesOf(body)) seen.add(`${name}${code}`);
  }

  return {
    seen,
    /** @throws when the answer's status, headers, content type, or a field of its body is not documented */
    async check(operationId: string, answer: Response): Promise<void> {
      const name = `${operationId} ${answer.status}`;
      const wanted = described(operationId, answer.status);
      checkHeaders(name, answer, wanted);
      checkBody(name, await answer.text(), answer, wanted);
    },
    /** The examples of errors and headers, and the schemas that they are to fit. */
    examples(): { name: string; value: unknown; fits: boolean }[] {
      return operations.flatMap(({ operationId, responses }) =>
        Object.entries(responses).flatMap(([status, { headers, content }]) => {
          const { schema, examples = {} } = content?.['application/json'] ?? {};
          const given = [
            ...Object.entries(headers).map(([name, header]) => ({
              name,
              schema: header.schema,
              value: header.example,
            })),
            ...Object.entries(examples).map(([name, { value }]) => ({ name, schema, value })),
          ];
          return given.map(({ name, schema, value }) => ({
            name: `${operationId} ${status} ${name}`,
            value,
            fits: validatorOf(schema)(value),
          }));
        }),
      );
    },
    /** All that the document promises, as `seen` would name it. */
    documented(): string[] {
      return operations.flatMap(({ operationId, responses }) =>
        Object.entries(responses).flatMap(([status, { headers, content }]) => [
          ...Object.keys(headers).map((header) => `${operationId} ${status} ${header}`),
          ...codesIn(content?.['application/json']?.schema).map((code) => `${operationId} ${status}${code}`),
        ]),
      );
    },
  };
}

/** The codes of an error body, each after a space; a body without errors has one empty code. */
function codesOf(body: unknown): string[] {
  const errors = (body as { errors?: { code: string }[] }).errors;
  return errors?.map(({ code }) => ` ${code}`) ?? [''];
}

/** Clients are to ignore fields that they do not know; here each one must be documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy && copy['type'] === 'object' ? { ...copy, additionalProperties: false } : copy;
}
