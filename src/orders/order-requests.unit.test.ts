import { Ajv2020 } from 'ajv/dist/2020.js';
import { type ContextRunner, matchedData, validationResult } from 'express-validator';
import fc from 'fast-check';
import type { z } from 'zod';
import { openapi } from '../api-description/openapi.ts';
import { writeCursor } from './order-cursor.ts';
import { orderOperations } from './order-operations.ts';
import {
  cancelOrderBody,
  cancelOrderChains,
  listOrdersChains,
  listOrdersQuery,
  orderIdChain,
  orderIdParam,
  placeOrderBody,
  placeOrderChains,
  placeOrderHeaders,
} from './order-requests.ts';

interface Parts {
  body?: unknown;
  headers?: Record<string, unknown>;
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
}

const ticketId = 'A'.repeat(24);

/** What the chains make of the request; undefined when they refuse it. */
async function byChains(chains: readonly ContextRunner[], parts: Parts): Promise<object | undefined> {
  const req = { headers: {}, params: {}, query: {}, ...parts };
  for (const chain of chains) await chain.run(req);
  return validationResult(req).isEmpty() ? matchedData(req) : undefined;
}

const idLike = fc.oneof(
  fc.stringMatching(/^[0-9a-fA-F]{24}$/),
  fc.stringMatching(/^[0-9a-fA-Fg]{22,26}$/),
  fc.stringMatching(/^[0-9a-f]{24}$/).map((id) => `${id}\n`),
);
const keyLike = fc.oneof(
  fc.stringMatching(/^[ -~]{1,255}$/),
  fc.integer({ min: 0, max: 300 }).map((length) => 'k'.repeat(length)),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', ' ', 'a\tb', 'é', '\u007f', '\u0000', 'k\n'),
);
const limitLike = fc.oneof(
  fc.integer({ min: -5, max: 200 }).map(String),
  fc.constantFrom('', ' 1', '1 ', '01', '+1', '1e1', '1.0', '0x1', '٣', '100', '101', '1\n'),
);
const cursorLike = fc.oneof(
  fc
    .record({
      createdAt: fc.date({ min: new Date(0), noInvalidDate: true }),
      id: fc.stringMatching(/^[0-9a-f]{24}$/),
    })
    .map(writeCursor),
  fc.base64String().map((text) => text.replaceAll('=', '')),
);
const statusLike = fc.constantFrom(
  'pending',
  'paid',
  'cancelled',
  'expired',
  'Paid',
  ' paid',
  'open',
  '',
  'toString',
);
const scalar = fc.oneof(idLike, keyLike, limitLike, cursorLike, statusLike, fc.string({ unit: 'binary' }));
const anything = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.constantFrom(undefined, null, true, 0, 7, -1, 1e21, [], {}),
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('$ne', '$gt', 'toString', '0', 'length'), scalar),
);

/** Objects as JSON makes them: `__proto__` is a name like any other there. */
const fields = fc.constantFrom(
  'ticketId',
  'status',
  'Status',
  'ticketid',
  '__proto__',
  'constructor',
  '$where',
  '',
);
const bodies = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.tuple(fields, anything), { maxLength: 3 }).map(Object.fromEntries<unknown>),
  },
  idLike.map((ticketId) => ({ ticketId })),
  anything,
  fc.jsonValue(),
);
const asJson = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** The published schemas, as clients get them. */
const document = JSON.parse(JSON.stringify(openapi(orderOperations))) as {
  paths: Record<string, Record<string, { parameters: { name: string; schema: object }[] }>>;
  components: { schemas: Record<string, object> };
};
const ajv = new Ajv2020();
const published = {
  body: (name: string) => ajv.compile(document.components.schemas[name] ?? false),
  parameter(path: string, method: string, name: string) {
    const found = document.paths[path]?.[method]?.parameters.find((one) => one.name === name);
    return ajv.compile(found?.schema ?? false);
  },
};

interface Agreement<Value> {
  values: fc.Arbitrary<Value>;
  chains: readonly ContextRunner[];
  /** The request that has the value. */
  request: (value: Value) => Parts;
  schema: (value: Value) => z.ZodSafeParseResult<unknown>;
  published: (value: Value) => boolean;
}

/** Fails with the smallest value that one of them accepts and another refuses, or that is never tried. */
async function agree<Value>({ values, chains, request, schema, published }: Agreement<Value>): Promise<void> {
  const verdicts = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const { success } = schema(value);
      const byChain = (await byChains(chains, request(value))) !== undefined;
      expect({ byChain, published: published(value) }).toEqual({ byChain: success, published: success });
      verdicts.add(success);
    }),
    { numRuns: 1_000 },
  );
  expect(verdicts.size).toBe(2);
}

test('When a purchase comes, then chain and schemas agree on its body', () =>
  agree({
    values: bodies.map(asJson),
    chains: placeOrderChains,
    request: (body) => ({ body }),
    schema: (body) => placeOrderBody.safeParse(body),
    published: published.body('Purchase'),
  }));

test('When a purchase has an Idempotency-Key, then chain and schemas agree on it', () => {
  const isKey = published.parameter('/api/orders', 'post', 'Idempotency-Key');
  return agree({
    values: anything,
    chains: placeOrderChains,
    request: (key) => ({ body: { ticketId }, headers: { 'idempotency-key': key } }),
    schema: (key) => placeOrderHeaders.safeParse({ 'idempotency-key': key }),
    published: (key) => key === undefined || isKey(key),
  });
});

test('When an order is named in the path, then chain and schemas agree on its id', () =>
  agree({
    values: anything,
    chains: [orderIdChain],
    request: (orderId) => ({ params: { orderId } }),
    schema: (orderId) => orderIdParam.safeParse({ orderId }),
    published: published.parameter('/api/orders/{orderId}', 'get', 'orderId'),
  }));

test('When an order is to be cancelled, then chain and schemas agree on the body, which may be absent', () => {
  const isCancellation = published.body('Cancellation');
  return agree({
    values: bodies.map(asJson),
    chains: cancelOrderChains,
    request: (body) => ({ body, params: { orderId: ticketId } }),
    schema: (body) => cancelOrderBody.optional().safeParse(body),
    published: (body) => body === undefined || isCancellation(body),
  });
});

describe('When orders are listed', () => {
  const on = (name: 'status' | 'limit' | 'cursor') => ({
    values: anything,
    chains: listOrdersChains,
    request: (value: unknown) => ({ query: { [name]: value } }),
    schema: (value: unknown) => listOrdersQuery.safeParse({ [name]: value }),
  });
  const isPublished = (name: string) => published.parameter('/api/orders', 'get', name);

  test('by status, then chain and schemas agree on it', () => {
    const isStatus = isPublished('status');
    return agree({ ...on('status'), published: (status) => status === undefined || isStatus(status) });
  });

  test('by page, then chain and schemas agree on its size, which is published as the number that is meant', () => {
    const isLimit = isPublished('limit');
    // On the wire a number is its plain form and no other.
    const isWritten = (limit: string) => String(Number(limit)) === limit && isLimit(Number(limit));
    const published = (limit: unknown) =>
      limit === undefined || (typeof limit === 'string' && isWritten(limit));
    return agree({ ...on('limit'), published });
  });

  test('from a cursor on, then chain and schema agree on it, and it is published as text of any kind', () => {
    const isCursor = isPublished('cursor');
    return agree({
      ...on('cursor'),
      published: (cursor) =>
        listOrdersQuery.safeParse({ cursor }).success && (cursor === undefined || isCursor(cursor)),
    });
  });
});

test('When ids have capital letters, then chain and schema make the same small ones of them', async () => {
  const small = 'a'.repeat(24);
  expect(await byChains(placeOrderChains, { body: { ticketId } })).toEqual({ ticketId: small });
  expect(placeOrderBody.parse({ ticketId })).toEqual({ ticketId: small });
  expect(await byChains([orderIdChain], { params: { orderId: ticketId } })).toEqual({ orderId: small });
  expect(orderIdParam.parse({ orderId: ticketId })).toEqual({ orderId: small });
});
