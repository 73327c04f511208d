import fc from 'fast-check';
import { escapeControls, hasControls } from './escape-controls.ts';

const obeyed = ['\0', '\n', '\r', '\t', '\u001b', '\u007f', '\u0085', '\u009b', '\u061c', '\u200e', '\u200f'];
const misleading = ['\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069'];

test.each([...obeyed, ...misleading])('When a text holds %j, then it is an escape', (character) => {
  const escaped = escapeControls(`a${character}b`);
  expect(escaped).toMatch(/^a\\u[0-9a-f]{4}b$/);
  expect(JSON.parse(`"${escaped}"`)).toBe(`a${character}b`);
  expect([hasControls(character), hasControls(escaped)]).toEqual([true, false]);
});

test('When a text is for people, then it stays as it is', () => {
  for (const text of ['', 'Käthe & 東京 🎟️ 👩‍👩‍👧', 'שלום'] as const) {
    expect(escapeControls(text)).toBe(text);
    expect(hasControls(text)).toBe(false);
  }
});

test('When a JSON text is escaped, then it means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      expect(JSON.parse(escapeControls(json))).toEqual(JSON.parse(json));
    }),
  );
});
