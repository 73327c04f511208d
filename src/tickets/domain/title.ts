/**
 * A longer title is cut. Each order stores the title and a list has 100 orders: with titles of the longest message it had
 * 6.5 MB, with this length, in any script, at most 300 kB. Titles of real tickets are several times shorter.
 */
export const maxTitleLength = 500;

/** The first 500 code points of a title; a shorter one as it is. */
export function cutTitle(title: string): string {
  // UTF-16 has one or two units for a code point. A manual repair may have stored another type.
  if (typeof title !== 'string' || title.length <= maxTitleLength) return title;
  let end = 0;
  // Counted, not split: a list has 100 titles, and a string for each character would cost megabytes.
  for (let count = 0; count < maxTitleLength && end < title.length; count++)
    end += (title.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return title.slice(0, end);
}
