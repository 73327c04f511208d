import type { z } from 'zod';
import { jsonFlaw } from '../platform/schemas/json-flaw.ts';

/** What became of a message: a word for logs and metrics, or why it can never be handled. */
export type Handled = { outcome: string } | { rejected: string };

export interface Listener {
  subject: string;
  /** Reads the raw message and handles it. Throws only for what may go better next time. */
  handle(message: Uint8Array): Promise<Handled>;
}

/** A longer message is a dead letter: titles are copied into every order, so their size is bounded here. */
export const maxMessageBytes = 64 * 1024;

/** Binds a handler to a subject. It is called only with messages that the schema takes, without the fields it does not know. */
export function listener<Data>(
  subject: string,
  schema: z.ZodType<Data>,
  handle: (data: Data) => Promise<Handled>,
): Listener {
  return {
    subject,
    async handle(message) {
      const read = readMessage(subject, schema, message);
      return 'rejected' in read ? read : handle(read.data);
    },
  };
}

function readMessage<Data>(
  subject: string,
  schema: z.ZodType<Data>,
  message: Uint8Array,
): { data: Data } | { rejected: string } {
  if (message.byteLength > maxMessageBytes) {
    return {
      rejected: `too large: ${message.byteLength} bytes, at most ${maxMessageBytes} are accepted`,
    };
  }
  const json = parseJson(message);
  if ('rejected' in json) return json;
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { data: parsed.data };
  const problems = parsed.error.issues.map(
    ({ path, message: problem }) => `${path.join('.') || 'message'}: ${problem}`,
  );
  return { rejected: `not a ${subject}: ${problems.join('; ')}` };
}

/** Reasons are logged, so they quote nothing of the message: there may be the key to somebody's money in it. */
function parseJson(message: Uint8Array): { value: unknown } | { rejected: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(message);
  } catch {
    // Its message names no position.
    return { rejected: `not JSON in UTF-8: no character at byte ${firstWrongByte(message)}` };
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Its message quotes the text.
    return { rejected: `not JSON in UTF-8: ${jsonFlaw(text)}` };
  }
}

/** Decoded loosely and encoded again, bytes that are no character are others. */
function firstWrongByte(message: Uint8Array): number {
  const again = Buffer.from(Buffer.from(message).toString('utf8'));
  return again.findIndex((byte, index) => byte !== message[index]);
}
