import type { DeadLetterStore } from './dead-letter-store.ts';

/** A user's id, and what takes its place. */
export interface Erasure {
  userId: string;
  alias: string;
}

/**
 * The letters that have the user's id in them, with what they are without it. Reads all letters, one at a time. Of one that
 * cannot be read only the id is known, and why.
 */
export async function* lettersWithId(
  deadLetters: Pick<DeadLetterStore, 'all'>,
  erasure: Erasure,
): AsyncGenerator<{ id: string; data: Buffer } | { id: string; problem: string }> {
  for await (const letter of deadLetters.all()) {
    if ('problem' in letter) yield letter;
    else {
      const data = withoutId(letter.data, erasure);
      if (!data.equals(letter.data)) yield { id: letter.id, data };
    }
  }
}

/**
 * Puts the alias wherever a JSON string is the id, however it is escaped; all other bytes stay, also of what is no JSON. Only
 * an ObjectId is nobody else's: another id, such as `7`, is looked for in fields named `userId` alone, since a payment may have
 * the same. There it may also be a number.
 */
export function withoutId(data: Buffer, { userId, alias }: Erasure): Buffer {
  const pattern = /^[0-9a-f]{24}$/i.test(userId) ? `()${stringOf(userId)}` : fieldOf(userId);
  const name = latin1(JSON.stringify(alias));
  // One character a byte, so that nothing else is decoded.
  const text = data.toString('latin1');
  return Buffer.from(
    text.replaceAll(new RegExp(pattern, 'g'), (_, before: string) => before + name),
    'latin1',
  );
}

/** Begins with what is seldom there: a pattern that looks back from each place would read a run of blanks again and again. */
function fieldOf(userId: string): string {
  const number = /^(0|-?[1-9]\d*)$/.test(userId) ? `|${userId}(?![\\d.eE])` : '';
  return `(${stringOf('userId')}\\s*:\\s*)(?:${stringOf(userId)}${number})`;
}

/**
 * Matches the JSON string in all its forms: each character as it is or escaped (RFC 8259, 7). No quotes are paired, so one that
 * is missing before it, in what is no JSON, hides nothing.
 */
function stringOf(value: string): string {
  return `"${Array.from(value, characterOf).join('')}"`;
}

const shortEscapes = new Map(
  Object.entries({ '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '/': '/' }),
);

function characterOf(character: string): string {
  const isQuoted = character === '"' || character === '\\';
  const short = isQuoted ? character : shortEscapes.get(character);
  const forms = [
    ...(isQuoted ? [] : [literal(latin1(character))]),
    ...(short === undefined ? [] : [literal(`\\${short}`)]),
    character.split('').map(unitOf).join(''),
  ];
  return `(?:${forms.join('|')})`;
}

/** A UTF-16 unit by its number, whose digits may be of either case. */
function unitOf(unit: string): string {
  const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\\\u${digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)}`;
}

const latin1 = (text: string) => Buffer.from(text).toString('latin1');
const literal = (text: string) => text.replaceAll(/[^\w\s]/g, '\\$&');
