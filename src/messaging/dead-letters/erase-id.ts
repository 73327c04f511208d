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
 * Puts the alias wherever a JSON string is the id; all other bytes stay, also of what is no JSON. Only an ObjectId is nobody
 * else's: another id, such as `7`, is looked for in fields named `userId` alone, since a payment may have the same.
 */
export function withoutId(data: Buffer, { userId, alias }: Erasure): Buffer {
  // One character a byte, so that nothing else is decoded.
  const bytesOf = (text: string) => Buffer.from(JSON.stringify(text)).toString('latin1');
  const id = bytesOf(userId).replaceAll(/[^\w\s"]/g, '\\$&');
  const field = /^[0-9a-f]{24}$/i.test(userId) ? '' : '(?<="userId"\\s*:\\s*)';
  const text = data.toString('latin1').replaceAll(new RegExp(field + id, 'g'), () => bytesOf(alias));
  return Buffer.from(text, 'latin1');
}
