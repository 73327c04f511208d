import type { Request, Response } from 'express';
import fc from 'fast-check';
import { documentedRequest, refusedFields, type Sent } from '../../../tests/support/documented-requests.ts';
import { randomRequests } from '../../../tests/support/random-requests.ts';
import type { Operation } from '../openapi/operation.ts';
import {
  choiceField,
  objectIdField,
  opaqueField,
  optional,
  textField,
  wholeNumberField,
} from './request-fields.ts';
import { chainsOf, type RequestSchema } from './request-schema.ts';
import { validate, validated } from './validation.ts';

const description = 'A field of the test.';
/** A name in each place, since what is validated goes by the name alone. */
const kinds = (prefix: string) => ({
  [`${prefix}id`]: objectIdField({ of: 'a thing', description }),
  [`${prefix}text`]: textField({ pattern: /^[^<>]{1,3}$/, rule: '1 to 3 characters', description }),
  [`${prefix}choice`]: choiceField({ choices: ['one', 'two'], description }),
  [`${prefix}number`]: wholeNumberField({ min: 0, max: 12, description }),
});
const optionalKinds = (prefix: string) =>
  Object.fromEntries(Object.entries(kinds(prefix)).map(([name, field]) => [name, optional<unknown>(field)]));

const operationWith = (request: RequestSchema): Operation => ({
  method: 'post',
  path: '/things',
  operationId: 'makeThing',
  summary: 'Make a thing',
  description,
  request,
  responses: [],
});
const inBody = (fields: ReturnType<typeof kinds>, otherFields: 'ignored' | 'refused') =>
  ({ body: { id: 'Thing', otherFields, fields } }) satisfies RequestSchema;

test.each<[string, RequestSchema]>([
  ['a path', { params: kinds('') }],
  ['a query', { query: kinds('') }],
  ['a query that may be empty', { query: optionalKinds('') }],
  ['headers', { headers: optionalKinds('x-') }],
  ['a body', inBody(kinds(''), 'ignored')],
  ['a body that may be empty', { body: { id: 'Thing', otherFields: 'ignored', fields: optionalKinds('') } }],
  ['a body with no other fields', inBody(kinds(''), 'refused')],
  ['all parts', { params: kinds('p'), query: optionalKinds('q'), ...inBody(kinds('b'), 'refused') }],
])(
  'When each kind of field is in %s, then the chains refuse what is described otherwise, and nothing else',
  async (_, request) => {
    const operation = {
      ...operationWith(request),
      path: `/${Object.keys(request.params ?? {})
        .map((name) => `:${name}`)
        .join('/')}`,
    };
    const described = documentedRequest(operation);
    const outcomes = new Set<number>();
    await fc.assert(
      fc.asyncProperty(randomRequests(described), async (sent) => {
        const wrong = new Set(described.wrongFields(sent));
        expect(new Set(await refusedFields(operation, sent))).toEqual(wrong);
        outcomes.add(Math.min(wrong.size, 1));
      }),
      { numRuns: 400 },
    );
    expect(outcomes.size).toBe(2);
  },
);

const none: Sent = { params: {}, query: {}, headers: {} };

/** What is read of a request that is let through. */
async function read<Schema extends RequestSchema>(request: Schema, sent: Partial<Sent>) {
  const req = { ...none, ...sent } as unknown as Request;
  await validate(request)(req, {} as Response, () => undefined);
  return validated<Schema>(req);
}

const right: Record<string, string> = { id: 'a'.repeat(24), text: 'abc', choice: 'one', number: '7' };

test.each(Object.keys(right))(
  'When %s comes as an array of what is right, in a body or by a query, then it is refused',
  async (name) => {
    const value = right[name];
    const { [name]: field } = optionalKinds('');
    if (!field) throw new Error('no such kind');
    for (const array of [[value], [value, value], []]) {
      const inQuery = operationWith({ query: { [name]: field } });
      // As a parser would have it that writes arrays with one element.
      expect(await refusedFields(inQuery, { ...none, query: { [name]: array } })).toEqual([name]);
      const inBody = operationWith({
        body: { id: 'Thing', otherFields: 'ignored', fields: { [name]: field } },
      });
      expect(await refusedFields(inBody, { ...none, body: { [name]: array } })).toEqual([name]);
      // The chain alone says no, too: nothing else looks at a field of a body.
      const [found] = chainsOf({ query: { [name]: field } });
      expect((await found?.chain.run({ query: { [name]: array } }))?.isEmpty()).toBe(false);
    }
  },
);

test('When fields are right, then they are read as what they mean, and nothing else is read', async () => {
  const request = {
    query: {
      number: wholeNumberField({ min: 0, max: 12, description }),
      when: opaqueField({
        read: (text) => (text === 'now' ? new Date(5) : undefined),
        rule: 'now',
        description,
      }),
      choice: optional(choiceField({ choices: ['one', 'two'], description })),
    },
    body: {
      id: 'Thing',
      otherFields: 'ignored',
      fields: { id: objectIdField({ of: 'a thing', description }) },
    },
  } satisfies RequestSchema;
  const sent = {
    query: { number: '7', when: 'now' },
    headers: { cookie: 'x' },
    body: JSON.parse(`{"id":"${'A'.repeat(24)}","__proto__":{"admin":true},"note":"x"}`) as unknown,
  };
  const fields = await read(request, sent);
  expect(fields).toEqual({ id: 'a'.repeat(24), number: 7, when: new Date(5) });
  // The compiler knows the types.
  const { id, number, choice }: { id: string; number: number; choice?: 'one' | 'two' } = fields;
  expect([id.length, number + 1, choice]).toEqual([24, 8, undefined]);
});

test('When a body has no field that must be there, then it is nothing, or an object, which is not read as a whole', async () => {
  const request = {
    body: { id: 'Thing', otherFields: 'ignored', fields: optionalKinds('') },
  } satisfies RequestSchema;
  for (const body of [undefined, {}, { note: 'x' }]) expect(await read(request, { body })).toEqual({});
  for (const body of [null, [], 'text', 5, false, [{}]]) {
    expect(await refusedFields(operationWith(request), { ...none, body })).toEqual(['']);
  }
});

test('When two parts have a field of one name, then that is found before there is a request', () => {
  const id = objectIdField({ of: 'a thing', description });
  expect(() => chainsOf({ params: { id }, query: { id } })).toThrow('two parts of a request have a field id');
});
