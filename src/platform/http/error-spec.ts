import { HttpError, type Problem } from './http-error.ts';
import type { HeaderSpec, JsonSchema } from './response-headers.ts';

/** The description of an error for clients. */
export interface DescribedError {
  status: number;
  /** For programs: it never changes. */
  code: string;
  description?: string;
  /** The fields of the body besides message and code. */
  details: Record<string, { schema: JsonSchema; optional?: true }>;
  /** The headers that the response always has. */
  headers: readonly HeaderSpec[];
  example: Problem;
}

/** An error that clients can get. One definition makes both its response and its description. */
export interface ErrorSpec<Params = void> extends DescribedError {
  problem(params: Params): Problem;
  error(params: Params): HttpError;
}

/** A field of the body; it is left out when its value is `undefined`. */
interface Detail<Params> {
  schema: JsonSchema;
  optional?: true;
  value(params: Params): unknown;
}

interface ErrorHeader<Params> {
  header: HeaderSpec;
  /** Absent when a middleware sets the header. */
  value?(params: Params): string | number;
}

type ErrorDefinition<Params> = Pick<DescribedError, 'status' | 'code' | 'description'> & {
  /** For people: it may change. */
  message: string | ((params: Params) => string);
  details?: Record<string, Detail<Params>>;
  headers?: readonly ErrorHeader<Params>[];
} & Example<Params>;

/** The parameters of the example in the description; none when the error has no parameters (`void`). */
type Example<Params> = undefined extends Params ? { example?: undefined } : { example: Params };

/** Defines an error. `Params` are the parameters of its message, details and headers. */
export function errorSpec<Params = void>(definition: ErrorDefinition<Params>): ErrorSpec<Params> {
  const { status, code, description, message, details = {}, headers = [], example } = definition;

  function problem(params: Params): Problem {
    const values = Object.entries(details).map(([name, { value }]) => [name, value(params)] as const);
    const { field, ...others } = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    return {
      message: typeof message === 'string' ? message : message(params),
      ...(field !== undefined && { field: String(field) }),
      code,
      ...others,
    };
  }

  return {
    ...{ status, code, details, problem },
    ...(description !== undefined && { description }),
    headers: headers.map(({ header }) => header),
    example: problem(example as Params),
    error: (params) => new HttpError(status, problem(params), headerValues(headers, params)),
  };
}

function headerValues<Params>(
  headers: readonly ErrorHeader<Params>[],
  params: Params,
): Record<string, string> {
  return Object.fromEntries(
    headers.flatMap(({ header, value }) => (value ? [[header.name, String(value(params))]] : [])),
  );
}
