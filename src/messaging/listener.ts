import type { z } from 'zod';
import { jsonFlaw } from '../platform/schemas/json-flaw.ts';

/** The outcome of a message, in one word for logs and metrics, or the reason why it can never be handled. */
export type Handled = { outcome: string } | { rejected: string };

export interface Listener {
  subject: string;
  /** Parses and handles the raw message. Throws only when the next delivery may succeed. */
  handle(message: Uint8Array): Promise<Handled>;
}

/** A longer message is a dead letter: titles are copied into every order, so their size is bounded here. */
export const maxMessageBytes = 64 * 1024;

/** Binds a handler to a subject. It is called only with messages that match the schema, without unknown fields. */
export function listener<Data>(
  subject: string,
  schema: z.ZodType<Data>,
  handle: (data: Data) => Promise<Handled>,
): Listener {
  return {
    subject,
    async handle(message) {
      const parsed = parseMessage(subject, schema, message);
      return 'rejected' in parsed ? parsed : handle(parsed.data);
    },
  };
}

function parseMessage<Data>(
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

/** Reasons are logged, so they quote nothing of the message: it may contain a customer's payment data. */
function parseJson(message: Uint8Array): { value: unknown } | { rejected: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(message);
  } catch {
    // The error does not say where.
    return { rejected: `not JSON in UTF-8: no character at byte ${firstWrongByte(message)}` };
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    // The error's message quotes the text.
    return { rejected: `not JSON in UTF-8: ${jsonFlaw(text)}` };
  }
}

/** The index of the first byte that is not UTF-8, or -1: decoding without `fatal` replaces invalid bytes. */
function firstWrongByte(message: Uint8Array): number {
  const again = Buffer.from(Buffer.from(message).toString('utf8'));
  return again.findIndex((byte, index) => byte !== message[index]);
}
