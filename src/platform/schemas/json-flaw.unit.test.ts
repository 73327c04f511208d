import fc from 'fast-check';
import { jsonFlaw } from './json-flaw.ts';

test.each([
  ['', 'it ends too early, at position 0'],
  ['{"id": "x"', 'it ends too early, at position 10'],
  ['[1, ', 'it ends too early, at position 4'],
  ['sk_live_1', 'no JSON value at position 0'],
  ['{"id": sk_live_1}', 'no JSON value at position 7'],
  ['{"id": "sk_live_1}', 'no JSON value at position 7'],
  ['["\\x"]', 'no JSON value at position 1'],
  ['{"id": "x",}', 'a value or a mark out of place at position 11'],
  ['{"id" "x"}', 'a value or a mark out of place at position 6'],
  ['{1: 2}', 'a value or a mark out of place at position 1'],
  ['[1}', 'a value or a mark out of place at position 2'],
  ['[1,]', 'a value or a mark out of place at position 3'],
  ['{} {}', 'a value or a mark out of place at position 3'],
  ['[01]', 'a value or a mark out of place at position 2'],
  ['[] ]', 'a value or a mark out of place at position 3'],
])('When a text is %j, then its flaw is: %s', (text, flaw) => {
  expect(() => JSON.parse(text) as unknown).toThrow();
  expect(jsonFlaw(text)).toBe(flaw);
});

test('When a JSON text is cut, then it ends too early or where it was cut in two', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, at) => {
      const text = JSON.stringify([value], undefined, 1);
      const cut = text.slice(0, at % text.length);
      const position = Number(/ at position (\d+)$/.exec(jsonFlaw(cut))?.[1]);
      expect(cut.slice(position)).toMatch(/^$|^["\-tfn\d.e]/);
    }),
  );
});

test('When a text is as deep or as long as a message may be, then its flaw is found', () => {
  const length = 64 * 1024;
  expect(jsonFlaw('['.repeat(length))).toBe(`it ends too early, at position ${length}`);
  expect(jsonFlaw(`"${'x'.repeat(length)}`)).toBe('no JSON value at position 0');
  expect(jsonFlaw(`["${'x'.repeat(length)}"`)).toBe(`it ends too early, at position ${length + 3}`);
});
