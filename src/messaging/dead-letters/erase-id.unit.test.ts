import { withoutId } from './erase-id.ts';

const userId = 'a'.repeat(24);
const alias = 'erased-1';
const without = (text: string, id = userId) =>
  withoutId(Buffer.from(text, 'latin1'), { userId: id, alias }).toString('latin1');

test.each([
  [`{"userId" : "${userId}","price":1.0}`, `{"userId" : "${alias}","price":1.0}`],
  [`{"buyer":{"$oid":"${userId}"}}`, `{"buyer":{"$oid":"${alias}"}}`],
  [`["${userId}", "${userId}"] no JSON \xff\x00`, `["${alias}", "${alias}"] no JSON \xff\x00`],
])('When a letter has an id of 24 digits in it, then only that is another: %s', (text, expected) => {
  expect(without(text)).toBe(expected);
});

test.each([`{"id":"x${userId}"}`, `{"title":"of ${userId}"}`, `{"userId":"${'b'.repeat(24)}"}`])(
  'When a string of a letter is not the id, then it stays: %s',
  (text) => {
    expect(without(text)).toBe(text);
  },
);

test('When an id may be that of something else, then only users lose it', () => {
  const text = '{"id":"7","userId":"7","orderId":"7","nested":{"userId":"7"}}';
  expect(without(text, '7')).toBe(
    `{"id":"7","userId":"${alias}","orderId":"7","nested":{"userId":"${alias}"}}`,
  );
});

test('When an id has characters that mean something elsewhere, then it is found as JSON has it', () => {
  const strange = 'a.*"$& ü';
  const text = Buffer.from(JSON.stringify({ userId: strange, title: 'a.x' })).toString('latin1');
  expect(without(text, strange)).toBe(JSON.stringify({ userId: alias, title: 'a.x' }));
});

test.each([
  ['7', '{"userId":7,"id":7}', `{"userId":"${alias}","id":7}`],
  ['-7', '{"userId" :\n-7}', `{"userId" :\n"${alias}"}`],
  ['jürgen', '{"userId":"j\\u00fcrgen"}', `{"userId":"${alias}"}`],
  ['jürgen', '{"userId":"\\u006A\\u00FCrgen"}', `{"userId":"${alias}"}`],
  ['a/b\t"\\', '{"userId":"a\\/b\\t\\"\\\\"}', `{"userId":"${alias}"}`],
  ['🎫', '{"userId":"\\ud83c\\uDFAB"}', `{"userId":"${alias}"}`],
  ['7', '{"user\\u0049d":"\\u0037"}', `{"user\\u0049d":"${alias}"}`],
  [userId, `" {"id":"\\u0061${userId.slice(1)}"}`, `" {"id":"${alias}"}`],
])('When the id %s is written in another form of JSON, then it is found: %s', (id, text, expected) => {
  expect(without(text, id)).toBe(expected);
});

test.each([
  ['7', '{"userId":70}'],
  ['7', '{"userId":7.5}'],
  ['7', '{"userId":7e1}'],
  ['a', '{"userId":"\\\\u0061"}'],
  ['/', '{"userId":"\\\\/"}'],
])('When another value looks like the id %s, then it stays: %s', (id, text) => {
  expect(without(text, id)).toBe(text);
});

// A pattern that reads the blanks again from each of them takes hours.
test('When a letter has very many blanks, then it is read all the same', () => {
  const blanks = ' '.repeat(1_000_000);
  const text = (value: string) => `{"userId"${blanks}:${blanks}${value}}${blanks}"userId"${blanks}`;
  expect(without(text('"7"'), '7') === text(`"${alias}"`)).toBe(true);
  expect(without(text('"8"'), '7') === text('"8"')).toBe(true);
});
