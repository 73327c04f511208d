import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { openapi } from '../../src/api-description/openapi.ts';

interface DescribedAnswer {
  headers: Record<string, unknown>;
  content?: Record<string, { schema: unknown }>;
}

interface DescribedOperation {
  operationId: string;
  responses: Record<string, DescribedAnswer>;
}

/** Headers that every answer can have and that say nothing of the order. */
const documentedHeaders = ['x-request-id', 'location', 'retry-after', 'link', 'allow'];

/**
 * Holds real answers against what the document says of them, and keeps a record of what has been seen: an answer
 * as `placeOrder 409 ticket_sold`, its headers as `placeOrder 201 location`.
 */
export function describedAnswers(document: ReturnType<typeof openapi>) {
  // A copy as clients get it.
  const { paths, components } = JSON.parse(JSON.stringify(document)) as {
    paths: Record<string, Record<string, DescribedOperation>>;
    components: { schemas: Record<string, unknown> };
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const ajv = new Ajv2020({
    strict: true,
    keywords: ['components'],
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  });
  const closedComponents = closed(components);
  const validators = new Map<unknown, ValidateFunction>();
  const seen = new Set<string>();

  function validatorOf(schema: unknown): ValidateFunction {
    const known = validators.get(schema);
    if (known) return known;
    const compiled = ajv.compile({ ...(closed(schema) as object), components: closedComponents });
    validators.set(schema, compiled);
    return compiled;
  }

  /** The schema itself, where it is told by its name. */
  function resolved(schema: unknown): unknown {
    const name = /"\$ref":"#\/components\/schemas\/(\w+)"\}$/.exec(JSON.stringify(schema ?? {}))?.[1];
    return name === undefined ? schema : components.schemas[name];
  }

  function described(operationId: string, status: number): DescribedAnswer {
    const operation = operations.find((one) => one.operationId === operationId);
    const answer = operation?.responses[status];
    if (!answer) throw new Error(`${operationId} has answered with ${status}, which is not documented`);
    return answer;
  }

  function checkHeaders(name: string, answer: Response, wanted: DescribedAnswer): void {
    const allowed = Object.keys(wanted.headers).map((header) => header.toLowerCase());
    const sent = documentedHeaders.filter((header) => answer.headers.has(header));
    const surplus = sent.filter((header) => !allowed.includes(header));
    if (surplus.length > 0) throw new Error(`${name} has headers that are not documented: ${surplus.join()}`);
    for (const header of sent) seen.add(`${name} ${header}`);
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
    /** All that the document promises, as `seen` would name it. */
    documented(): string[] {
      return operations.flatMap(({ operationId, responses }) =>
        Object.entries(responses).flatMap(([status, { headers, content }]) => [
          ...Object.keys(headers).map((header) => `${operationId} ${status} ${header.toLowerCase()}`),
          ...codesIn(resolved(content?.['application/json']?.schema)).map(
            (code) => `${operationId} ${status}${code}`,
          ),
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

/** The same for all that a schema allows. */
function codesIn(schema: unknown): string[] {
  const codes = /"code":\{"type":"string","enum":(\[[^\]]*\])/.exec(JSON.stringify(schema ?? {}))?.[1];
  return codes ? (JSON.parse(codes) as string[]).map((code) => ` ${code}`) : [''];
}

/** Clients are to ignore fields that they do not know; here each one must be documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy && copy['type'] === 'object' ? { ...copy, additionalProperties: false } : copy;
}
