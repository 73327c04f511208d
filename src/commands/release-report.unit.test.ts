import { changed } from '../../tests/support/memory-order-store.ts';
import * as transitions from '../orders/domain/transitions.ts';
import { createReleaseReport } from './release-report.ts';

function reportOf(request: { isMeant: boolean; isJson: boolean }) {
  const [out, problems] = [[] as string[], [] as string[]];
  const outputTo = (lines: string[]) => ({
    line: async (text: string) => void lines.push(text),
    json: async (value: unknown) => void lines.push(JSON.stringify(value)),
  });
  const report = createReleaseReport({ out: outputTo(out), problems: outputTo(problems) }, request);
  return { report, out, problems };
}

const meant = { isMeant: true, isJson: false };

test('When tickets have no copy, then the last line counts them, as the exit code says that something was not done', async () => {
  const { report, out } = reportOf(meant);
  expect(await report.end(3)).toBe(1);
  expect(out).toEqual([
    'released 0 orders: 0 pending, 0 paid, whose payments are to be given back; 3 tickets without a copy; 0 with nothing to release; 0 failed',
  ]);
});

test('When all was done, then the last line has no word of copies, and the exit code is 0', async () => {
  const { report, out } = reportOf(meant);
  await report.line({ ticketId: 't', outcome: { kind: 'not_held' } });
  expect(await report.end(0)).toBe(0);
  expect(out.at(-1)).toBe(
    'released 0 orders: 0 pending, 0 paid, whose payments are to be given back; 1 with nothing to release; 0 failed',
  );
});

test.each([
  [meant, ['ended early: released 0 orders: 0 pending, 0 paid so far; run it again for the rest']],
  [
    { ...meant, isJson: true },
    ['ended early: released 0 orders: 0 pending, 0 paid so far; run it again for the rest'],
  ],
  // Nothing was to be done.
  [{ isMeant: false, isJson: false }, []],
])('When a run of %j ends early, then it says so on standard error alone', async (request, expected) => {
  const { report, out, problems } = reportOf(request);
  await report.endEarly();
  expect([out, problems]).toEqual([[], expected]);
});

test('When it is printed for programs, then each order has its buyer, who is to be written to', async () => {
  const context = { now: new Date(0) };
  const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
  const { order } = transitions.place({ id: 'a'.repeat(24), userId: 'u', ticket, holdMs: 1_000 }, context);
  const paid = changed(order, transitions.pay(order, { id: 'p1' }, context));
  const { report, out } = reportOf({ isMeant: false, isJson: true });
  const ids = { ticketId: ticket.id, orderId: order.id };
  await report.line({ ...ids, outcome: { kind: 'release', order: paid } });
  const facts = { kind: 'release', status: 'paid', userId: 'u', paymentId: 'p1' };
  expect(out.map((line) => JSON.parse(line) as unknown)).toEqual([{ ...ids, ...facts }]);
});
