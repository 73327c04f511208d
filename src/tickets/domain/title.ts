/**
 * A longer title is cut. Each order keeps a copy and a list has 100 of them, so that titles as long as a message may be
 * made one list 6.5 MB; of this length, in any script, it is at most 300 kB. It is several times what tickets are called.
 */
export const maxTitleLength = 500;

/** The first 500 code points of a title; a shorter one as it is. */
export function cutTitle(title: string): string {
  // UTF-16 has one or two units to a code point. A repair by hand may have left what is no text.
  if (typeof title !== 'string' || title.length <= maxTitleLength) return title;
  let end = 0;
  // Counted and not taken apart: a list has 100 of them, and a string for each character would cost it megabytes.
  for (let count = 0; count < maxTitleLength && end < title.length; count++)
    end += (title.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return title.slice(0, end);
}
