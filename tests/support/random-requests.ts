import fc from 'fast-check';
import { parseQuery } from '../../src/platform/http/other-names.ts';
import type { documentedRequest, FieldSchema, Opaque, Sent } from './documented-requests.ts';

/** Requests that are right as often as not, and nearly right most of the time, made of what is described. */

const oddNames = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '$where', 'x', '');
const oddTexts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '01',
    '+1',
    '-0',
    '1e1',
    '1.0',
    '0x1',
    '٣',
    'toString',
    `0x${'a'.repeat(22)}`,
  ),
);

export function randomRequests(
  { parameters, body }: Pick<ReturnType<typeof documentedRequest>, 'parameters' | 'body'>,
  opaque: Opaque = {},
): fc.Arbitrary<Sent> {
  const textsIn = (place: 'path' | 'query' | 'header') =>
    parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema }) => [name, texts(schema, opaque[name])] as const);
  return fc.record({
    params: fc.record(Object.fromEntries(textsIn('path'))),
    headers: fc.record(Object.fromEntries(textsIn('header')), { requiredKeys: [] }),
    query: entries(textsIn('query'), oddTexts).map((all) => parseQuery(new URLSearchParams(all).toString())),
    ...(body && { body: bodies(Object.entries(body.properties)) }),
  });
}

function bodies(properties: [string, FieldSchema][]): fc.Arbitrary<unknown> {
  const anything = fc.oneof(oddTexts, otherValues(oddTexts), fc.jsonValue());
  const fields = properties.map(([name, schema]) => [name, values(schema)] as const);
  return fc.oneof(
    // As JSON makes them: `__proto__` is a name like any other there.
    { weight: 9, arbitrary: entries(fields, anything).map(Object.fromEntries<unknown>) },
    { weight: 1, arbitrary: fc.oneof(anything, fc.constant(undefined)) },
  );
}

/** Most of the fields once each, some of them never or twice, and now and then one that nobody knows. */
function entries<Value>(
  fields: readonly (readonly [string, fc.Arbitrary<Value>])[],
  others: fc.Arbitrary<Value>,
): fc.Arbitrary<[string, Value][]> {
  const named = fields.map(([name, value]) => {
    const pair = fc.tuple(fc.constant(name), value);
    return fc.oneof(
      { weight: 6, arbitrary: fc.tuple(pair) },
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.tuple(pair, pair) },
    );
  });
  const odd = fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(oddNames, others), { maxLength: 2 }) },
  );
  return fc.tuple(...named, odd).map((all) => all.flat());
}

function texts(schema: FieldSchema, known?: Opaque[string]): fc.Arbitrary<string> {
  const right = known?.right ?? rightTexts(schema);
  return fc.oneof(
    { weight: 16, arbitrary: right },
    oddTexts,
    fc.integer({ min: (schema.minimum ?? 0) - 3, max: (schema.maximum ?? 9) + 3 }).map(String),
    right.map((text) => text.toUpperCase()),
    right.map((text) => text.slice(1)),
    fc.tuple(right, fc.constantFrom('\n', ' ', '\0', 'é', 'x', '\u{1f3b5}')).map((both) => both.join('')),
  );
}

function values(schema: FieldSchema): fc.Arbitrary<unknown> {
  const right = texts(schema).map((text) => (schema.type === 'integer' ? Number(text) : text));
  return fc.oneof({ weight: 9, arbitrary: right }, otherValues(texts(schema)));
}

/** Whatever else JSON has in it, also what cannot be made a text. */
function otherValues(text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom(null, true, 0, 7, -1, 1.5, 1e21, [], {}),
    fc.array(text, { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('$ne', '0', 'length', 'toString', '__proto__'), fc.option(text), {
      maxKeys: 1,
    }),
  );
}

function rightTexts({ type, pattern, enum: choices, minimum, maximum }: FieldSchema): fc.Arbitrary<string> {
  if (choices) return fc.constantFrom(...choices);
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'));
  if (type === 'integer') return fc.integer({ min: minimum ?? 0, max: maximum ?? 1_000 }).map(String);
  return fc.string();
}
