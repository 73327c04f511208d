import { readCursor, writeCursor } from './order-cursor.ts';

const id = '65f0c0ffee0000000000abcd';

test('When a place is written as a cursor, then reading it gives the same place', () => {
  for (const time of [0, 1, Date.now(), 253_402_300_799_999]) {
    const position = { createdAt: new Date(time), id };
    expect(readCursor(writeCursor(position))).toEqual(position);
  }
});

test('When a cursor is written, then it goes into a URL as it is', () => {
  const cursor = writeCursor({ createdAt: new Date(), id });
  expect(encodeURIComponent(cursor)).toBe(cursor);
});

const encoded = (text: string) => Buffer.from(text).toString('base64url');

test.each([
  ['missing', undefined],
  ['null', null],
  ['a list', [writeCursor({ createdAt: new Date(), id })]],
  ['empty', ''],
  ['not base64url', '%%%'],
  ['too long', 'A'.repeat(81)],
  ['without an id', encoded('1700000000000.')],
  ['without a time', encoded(`.${'a'.repeat(24)}`)],
  ['of a negative time', encoded(`-1.${'a'.repeat(24)}`)],
  ['of a time that no date can hold', encoded(`${'9'.repeat(16)}.${'a'.repeat(24)}`)],
  ['of an id that is none', encoded(`1700000000000.${'g'.repeat(24)}`)],
  ['of an id with a prefix', encoded(`1700000000000.0x${'a'.repeat(22)}`)],
  ['with something before it', encoded(`x1700000000000.${'a'.repeat(24)}`)],
  ['without a dot', encoded(`1700000000000${'a'.repeat(24)}`)],
  ['with a letter for the dot', encoded(`1700000000000x${'a'.repeat(24)}`)],
  ['of a longer id', encoded(`1700000000000.${'a'.repeat(25)}`)],
  ['with something around it', `*${encoded(`1700000000000.${'a'.repeat(24)}`)}`],
  ['with something behind it', `${encoded(`1700000000000.${'a'.repeat(24)}`)}*`],
  ['followed by something', encoded(`1700000000000.${'a'.repeat(24)}\n`)],
])('When a cursor is %s, then it names no place', (_, cursor) => {
  expect(readCursor(cursor)).toBeUndefined();
});
