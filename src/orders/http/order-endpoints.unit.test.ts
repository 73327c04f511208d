import fc from 'fast-check';
import { documentedRequest, type Opaque, refusedFields } from '../../../tests/support/documented-requests.ts';
import { randomRequests } from '../../../tests/support/random-requests.ts';
import * as transitions from '../domain/transitions.ts';
import { readCursor, writeCursor } from '../use-cases/order-cursor.ts';
import { extensionErrors } from './extension-errors.ts';
import { orderHttp } from './order-endpoints.ts';
import { finalErrors, ownOrderErrors } from './order-errors.ts';
import { purchaseError, purchaseErrors, tooManyPurchases } from './purchase-errors.ts';

const { api: orderApi } = orderHttp();

const cursors = fc
  .record({
    createdAt: fc.date({ min: new Date(0), noInvalidDate: true }),
    id: fc.stringMatching(/^[0-9a-f]{24}$/),
  })
  .map(writeCursor);
const opaque: Opaque = { cursor: { right: cursors, isRight: (text) => readCursor(text) !== undefined } };

const validatingOperations = orderApi.operations
  .filter(({ request }) => request !== undefined)
  .map((operation) => ({ ...operation, name: operation.operationId }));

test.each(validatingOperations)(
  'When $name gets any request, then the route refuses the fields that are described otherwise, and no others',
  async (operation) => {
    const described = documentedRequest(operation, opaque);
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(randomRequests(described, opaque), async (sent) => {
        const wrong = new Set(described.wrongFields(sent));
        expect(new Set(await refusedFields(operation, sent))).toEqual(wrong);
        seen.add(wrong.size === 0 ? 'right' : 'wrong');
        for (const field of wrong) seen.add(field);
      }),
      { numRuns: 1_000 },
    );
    const names = described.parameters.map(({ name }) => name);
    expect([...seen]).toEqual(
      expect.arrayContaining(['right', ...names, ...Object.keys(described.body?.properties ?? {})]),
    );
  },
);

test('When a purchase or a cancel can be refused for something, then its operation describes the error', () => {
  const refusals = {
    placeOrder: [...Object.values(purchaseErrors), tooManyPurchases],
    showOrder: Object.values(ownOrderErrors),
    cancelOrder: [...Object.values(ownOrderErrors), ...Object.values(finalErrors)],
    deleteOrder: [...Object.values(ownOrderErrors), ...Object.values(finalErrors)],
    extendOrder: [...Object.values(ownOrderErrors), ...Object.values(extensionErrors), tooManyPurchases],
  };
  for (const [operationId, errors] of Object.entries(refusals)) {
    const described = orderApi.operations
      .filter((operation) => operation.operationId === operationId)
      .flatMap(({ responses }) => responses.flatMap((response) => response.errors?.oneOf ?? []));
    const named = described.map(({ status, code }) => `${status} ${code}`);
    expect([operationId, ...named]).toEqual(
      expect.arrayContaining(errors.map(({ status, code }) => `${status} ${code}`)),
    );
  }
});

test('When a purchase is refused, then only the buyer of the holding order gets its id', () => {
  const now = new Date('2030-01-01T00:00:00Z');
  const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
  const { order } = transitions.place({ id: 'a'.repeat(24), userId: 'anna', ticket, holdMs: 1_500 }, { now });
  const availableAt = order.expiresAt;
  const refusedTo = (userId: string, at: Date) =>
    purchaseError({ kind: 'ticket_reserved', availableAt, holdingOrder: order }, { userId, now: at });
  expect(refusedTo('anna', now)).toMatchObject({
    status: 409,
    problems: [{ code: 'ticket_reserved', availableAt: availableAt.toISOString(), orderId: order.id }],
    headers: { 'Retry-After': '2' },
  });
  expect(refusedTo('bert', now).problems[0]).not.toHaveProperty('orderId');
  expect(refusedTo('bert', availableAt).headers).toEqual({ 'Retry-After': '1' });
});
