import fc from 'fast-check';
import { documentedRequest, type Opaque, refusedFields } from '../../../tests/support/documented-requests.ts';
import { randomRequests } from '../../../tests/support/random-requests.ts';
import { readCursor, writeCursor } from '../domain/order-cursor.ts';
import { orderOperations } from './order-operations.ts';

const cursors = fc
  .record({
    createdAt: fc.date({ min: new Date(0), noInvalidDate: true }),
    id: fc.stringMatching(/^[0-9a-f]{24}$/),
  })
  .map(writeCursor);
const opaque: Opaque = { cursor: { right: cursors, isRight: (text) => readCursor(text) !== undefined } };

const validatingOperations = orderOperations
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
