/**
 * What a terminal obeys or is misled by: controls of all kinds (C0, DEL, C1), marks that turn the direction of the text
 * around, and the separators of lines and paragraphs. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
const control = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
const controls = new RegExp(control, 'gu');

/** Whether the text has a character that `escapeControls` would not leave as it is. */
export function hasControls(text: string): boolean {
  return control.test(text);
}

/**
 * The text with all of these as `\u` and four digits. In a JSON text without white space around its parts they stand in
 * strings only, so it means the same afterwards.
 */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
