import { cutTitle } from './title.ts';

test.each([
  ['has the maximum length', 'x'.repeat(500), 'x'.repeat(500)],
  ['is longer', 'x'.repeat(501), 'x'.repeat(500)],
  ['has two units to a character', '🎻'.repeat(500), '🎻'.repeat(500)],
  ['is longer, with two units to a character', '🎻'.repeat(40_000), '🎻'.repeat(500)],
  ['has such a character at its end', `${'x'.repeat(499)}🎻x`, `${'x'.repeat(499)}🎻`],
  ['is empty', '', ''],
])('When a title %s, then 500 characters are kept of it', (_, title, kept) => {
  expect(cutTitle(title)).toBe(kept);
});
