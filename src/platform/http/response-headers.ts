/** JSON Schema (2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A header of a response, as it is described to clients. */
export interface HeaderSpec {
  name: string;
  description: string;
  /** A value that the schema accepts. */
  example: string | number;
  schema: JsonSchema;
}

/** The ids of requests that are kept when a client sends one. */
export const requestIdPattern = /^[\w.:-]{1,128}$/;

export const requestIdHeader: HeaderSpec = {
  name: 'X-Request-Id',
  description:
    'What the request is found by in our log: tell it when you ask about it. One that you send is kept: 1 to 128 ' +
    'letters, digits and `_.:-`.',
  example: '0c3f1a52-77aa-4f0e-8c55-0b1d1b7f2f3e',
  schema: { type: 'string', pattern: requestIdPattern.source },
};

export const retryAfterHeader: HeaderSpec = {
  name: 'Retry-After',
  description: 'After how many whole seconds another try makes sense. Never a date.',
  example: 612,
  schema: { type: 'integer', minimum: 1 },
};

export const allowHeader: HeaderSpec = {
  name: 'Allow',
  description: 'The methods of the path.',
  example: 'GET, HEAD, OPTIONS, POST',
  schema: { type: 'string', pattern: '^[A-Z]+(, [A-Z]+)*$' },
};
