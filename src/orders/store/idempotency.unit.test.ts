import { identifyPurchase } from './idempotency.ts';

const ticketId = '65f0c0ffee0000000000abcd';
const idOf = ({ userId, key }: { userId: string; key: string | undefined }) =>
  identifyPurchase({ userId, ticketId, idempotencyKey: key }).orderId;
const idempotencyOf = (idempotencyKey: string | undefined, asked: string) =>
  identifyPurchase({ userId: 'anna', ticketId: asked, idempotencyKey }).idempotency;

test('When a user and a key come again, then the order has the same id, and else another', () => {
  const id = idOf({ userId: 'anna', key: 'k1' });
  expect(id).toMatch(/^[0-9a-f]{24}$/);
  expect(idOf({ userId: 'anna', key: 'k1' })).toBe(id);
  const others = [
    { userId: 'anna', key: 'k2' },
    { userId: 'bert', key: 'k1' },
    { userId: 'annak', key: '1' },
    { userId: 'anna","k1', key: '' },
    { userId: 'anna', key: undefined },
    { userId: 'anna', key: undefined },
  ].map(idOf);
  expect(new Set([id, ...others]).size).toBe(others.length + 1);
});

test('When a purchase comes again, then its fingerprint is the same however the id is written, and else another', () => {
  const first = idempotencyOf('k', ticketId);
  expect(idempotencyOf('k', ticketId.toUpperCase())).toEqual(first);
  expect(idempotencyOf('k', ticketId.replace('f', '0'))?.fingerprint).not.toBe(first?.fingerprint);
  expect(idempotencyOf(undefined, ticketId)).toBeUndefined();
});

test('When a key was used before an upgrade, then it still names the same order and purchase', () => {
  expect(idOf({ userId: 'anna', key: 'k1' })).toBe('5547fd5e62d80f3e14c79d60');
  expect(idempotencyOf('k1', '65f0c0ffee0000000000ABCD')).toEqual({
    key: 'k1',
    fingerprint: '484b244f2331f2a986b64ee6ccbc1cfc624fbee9531bc8b1ec6460618ee71b9e',
  });
});
