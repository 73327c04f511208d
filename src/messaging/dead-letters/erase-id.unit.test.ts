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
