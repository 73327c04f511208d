import { body, header, param, query, type ValidationChain } from 'express-validator';
import type { Field, RequestPart } from './request-fields.ts';

/** Fields by name; names of headers in lower case, as in Node. */
type Fields = Record<string, Field>;

/** The fields of each part of a request. An absent part is not read. */
export interface RequestSchema {
  params?: Fields;
  /** When it is absent, every name in the query is refused. */
  query?: Fields;
  headers?: Fields;
  body?: BodySchema;
}

export interface BodySchema {
  /** Its name in the API's description. */
  id: string;
  fields: Fields;
  /** Whether a body may have fields besides these. They are not read in any case. */
  otherFields: 'ignored' | 'refused';
}

/** The result of `validated` for such a request: the fields of all its parts. */
export type Validated<Request extends RequestSchema> = Values<Request['params']> &
  Values<Request['query']> &
  Values<Request['headers']> &
  (Request['body'] extends BodySchema ? Values<Request['body']['fields']> : unknown);

type Values<All> = All extends Fields
  ? { [Name in RequiredNames<All>]: ValueOf<All[Name]> } & {
      [Name in Exclude<keyof All, RequiredNames<All>>]?: ValueOf<All[Name]>;
    }
  : unknown;
type RequiredNames<All extends Fields> = {
  [Name in keyof All]: All[Name]['required'] extends true ? Name : never;
}[keyof All];
type ValueOf<One> = One extends Field<infer Value> ? Value : never;

export interface FieldChain {
  part: RequestPart;
  name: string;
  required: boolean;
  chain: ValidationChain;
}

const select = { params: param, query, headers: header, body };

/**
 * The chains that validate such a request, one for each field.
 *
 * @throws when two parts have a field of the same name: `validated` knows the name alone
 */
export function chainsOf({ params = {}, query = {}, headers = {}, body }: RequestSchema): FieldChain[] {
  const parts = { params, query, headers, body: body?.fields ?? {} };
  const fields = Object.entries(parts).flatMap(([part, all]) =>
    Object.entries(all).map(([name, field]) => ({ part: part as RequestPart, name, field })),
  );
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two parts of a request have a field ${twice}`);
  return fields.map(({ part, name, field }) => {
    const chain = select[part](name, messageFor(part, name, field));
    return { part, name, required: field.required, chain: field.extend(chain, part) };
  });
}

/** What is said of a field that is not right. */
export function messageFor(part: RequestPart, name: string, { rule }: Pick<Field, 'rule'>): string {
  return `${writtenName(part, name)} must be ${rule}`;
}

/** The name as clients write it. */
export function writtenName(part: RequestPart, name: string): string {
  return part === 'headers' ? name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()) : name;
}

/** Whether there must be a body at all. */
export function isBodyRequired({ fields }: BodySchema): boolean {
  return Object.values(fields).some(({ required }) => required);
}
