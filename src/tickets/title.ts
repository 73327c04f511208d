/**
 * A longer title is cut. Each order keeps a copy and a list has 100 of them, so that titles as long as a message may be
 * made one list 6.5 MB; of this length, in any script, it is at most 300 kB. It is several times what tickets are called.
 */
export const maxTitleLength = 500;

/** The first 500 code points of a title; a shorter one as it is. */
export function cutTitle(title: string): string {
  // UTF-16 has one or two units to a code point. A repair by hand may have left what is no text.
  if (typeof title !== 'string' || title.length <= maxTitleLength) return title;
  return Array.from(title.slice(0, 2 * maxTitleLength))
    .slice(0, maxTitleLength)
    .join('');
}
