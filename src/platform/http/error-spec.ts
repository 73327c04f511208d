import { HttpError, type Problem } from './http-error.ts';
import type { HeaderSpec, JsonSchema } from './response-headers.ts';

/** What describes an error to clients. */
export interface DescribedError {
  status: number;
  /** For programs. It stays. */
  code: string;
  description?: string;
  /** What it has besides message and code. */
  details: Record<string, { schema: JsonSchema; optional?: true }>;
  /** Those that its answer always has. */
  headers: readonly HeaderSpec[];
  example: Problem;
}

/** An error that clients can get: both its answer and its description are made of this one definition. */
export interface ErrorSpec<Given = void> extends DescribedError {
  problem(given: Given): Problem;
  error(given: Given): HttpError;
}

/** A value of the error's body; a value that is `undefined` is left out. */
interface Detail<Given> {
  schema: JsonSchema;
  optional?: true;
  value(given: Given): unknown;
}

interface ErrorHeader<Given> {
  header: HeaderSpec;
  /** Absent: a middleware has set it already. */
  value?(given: Given): string | number;
}

type ErrorDefinition<Given> = Pick<DescribedError, 'status' | 'code' | 'description'> & {
  /** For people. It may change. */
  message: string | ((given: Given) => string);
  details?: Record<string, Detail<Given>>;
  headers?: readonly ErrorHeader<Given>[];
} & Example<Given>;

/** What the example in the description is made of. */
// `undefined` stands for `void`, to which it can be assigned.
type Example<Given> = undefined extends Given ? { example?: undefined } : { example: Given };

/** Defines an error. `Given` is what its message, details and headers are made of. */
export function errorSpec<Given = void>(definition: ErrorDefinition<Given>): ErrorSpec<Given> {
  const { status, code, description, message, details = {}, headers = [], example } = definition;

  function problem(given: Given): Problem {
    const values = Object.entries(details).map(([name, { value }]) => [name, value(given)] as const);
    const { field, ...others } = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    return {
      message: typeof message === 'string' ? message : message(given),
      ...(field !== undefined && { field: String(field) }),
      code,
      ...others,
    };
  }

  return {
    ...{ status, code, details, problem },
    ...(description !== undefined && { description }),
    headers: headers.map(({ header }) => header),
    example: problem(example as Given),
    error: (given) => new HttpError(status, problem(given), headerValues(headers, given)),
  };
}

function headerValues<Given>(headers: readonly ErrorHeader<Given>[], given: Given): Record<string, string> {
  return Object.fromEntries(
    headers.flatMap(({ header, value }) => (value ? [[header.name, String(value(given))]] : [])),
  );
}
