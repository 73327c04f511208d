import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Request, Response } from 'express';
import type fc from 'fast-check';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { HttpError } from '../../src/platform/http/http-error.ts';
import { validate } from '../../src/platform/http/validation.ts';
import { openapi } from '../../src/platform/openapi/openapi.ts';
import type { Operation } from '../../src/platform/openapi/operation.ts';

const { api: orderApi } = orderHttp();

/** Holds what a route validates against what the API's description says of it: two readers of one definition. */

/** What there is of a request once Express has read it. */
export interface Sent {
  params: Record<string, string>;
  query: Record<string, unknown>;
  headers: Record<string, string | undefined>;
  body?: unknown;
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: FieldSchema;
}

export interface FieldSchema {
  type: 'string' | 'integer';
  pattern?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
}

interface BodySchema {
  properties: Record<string, FieldSchema>;
  required?: string[];
}

const places = { path: 'params', query: 'query', header: 'headers' } as const;

/** By name, fields that only the service understands: the description says no more than that they are text. */
export type Opaque = Record<string, { right: fc.Arbitrary<string>; isRight: (text: string) => boolean }>;

export function documentedRequest(operation: Operation, opaque: Opaque = {}) {
  const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
  // A copy as clients get it.
  const { paths, components } = JSON.parse(
    JSON.stringify(openapi({ ...orderApi, operations: [operation] })),
  ) as {
    paths: Record<
      string,
      Record<string, { parameters: Parameter[]; requestBody?: { required: boolean; content: unknown } }>
    >;
    components: { schemas: Record<string, BodySchema> };
  };
  const found = paths[path]?.[operation.method];
  if (!found) throw new Error(`${operation.operationId} is not described`);
  const { requestBody } = found;
  // Node gives the names of headers in small letters.
  const parameters = found.parameters.map((one) =>
    one.in === 'header' ? { ...one, name: one.name.toLowerCase() } : one,
  );
  const reference = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(requestBody ?? {}))?.[1];
  const body = reference === undefined ? undefined : components.schemas[reference];
  const ajv = new Ajv2020({ allErrors: true });
  const fits = parameters.map(({ schema }) => ajv.compile(schema));
  const bodyFits = body && ajv.compile(body);

  function isRight(index: number, { name, schema }: Parameter, value: unknown): boolean {
    const isKnown = opaque[name]?.isRight ?? (() => true);
    if (typeof value !== 'string' || !isKnown(value)) return false;
    // On the wire a number is its plain form and no other.
    if (schema.type === 'integer')
      return String(Number(value)) === value && fits[index]?.(Number(value)) === true;
    return fits[index]?.(value) === true;
  }

  const known = (place: Parameter['in']) =>
    parameters.filter((one) => one.in === place).map(({ name }) => name);

  return {
    parameters,
    body,
    /** The fields that the description calls wrong, by name; an empty name is the body as a whole. */
    wrongFields(sent: Sent): string[] {
      const otherNames = Object.entries(sent.query)
        .filter(([name, value]) => !known('query').includes(name) || Array.isArray(value))
        .map(([name]) => name);
      if (otherNames.length > 0) return otherNames;
      const ofParameters = parameters.flatMap((parameter, index) => {
        const { name } = parameter;
        const value = sent[places[parameter.in]][name];
        const right = value === undefined ? !parameter.required : isRight(index, parameter, value);
        return right ? [] : [name];
      });
      if (!requestBody || !bodyFits || (sent.body === undefined && !requestBody.required))
        return ofParameters;
      bodyFits(sent.body ?? null);
      const problems = bodyFits.errors ?? [];
      const others = problems.filter(({ keyword }) => keyword === 'additionalProperties').map(fieldOf);
      if (others.length > 0) return others;
      // What is no object has none of its fields.
      const ofBody = problems.flatMap((problem) => fieldOf(problem) || (body.required ?? ''));
      return [...ofParameters, ...ofBody];
    },
  };
}

function fieldOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
  return missingProperty ?? additionalProperty ?? instancePath.split('/')[1] ?? '';
}

/** The fields that the operation's route refuses, by name; an empty name is the body as a whole. */
export async function refusedFields({ request = {} }: Operation, sent: Sent): Promise<string[]> {
  try {
    await validate(request)(sent as unknown as Request, {} as Response, () => undefined);
    return [];
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    expect(error.status).toBe(400);
    return error.problems.map(({ message, field = '', code }) => {
      expect([message, code]).toEqual([expect.stringMatching(/ must be | has no such name, /), 'invalid']);
      return field;
    });
  }
}
