/** A slice of a text keeps all of the text in memory: of a header, whatever else stands in it. For text of one byte a character. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
