/**
 * Characters that control a terminal or change how a text looks: control characters (C0, DEL, C1), directional formatting
 * characters, line and paragraph separators. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
const control = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
const controls = new RegExp(control, 'gu');

/** Whether the text has a character that `escapeControls` replaces. */
export function hasControls(text: string): boolean {
  return control.test(text);
}

/**
 * Replaces these characters by `\u` and four digits. In JSON without white space they occur only in strings, so its meaning
 * stays the same.
 */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
