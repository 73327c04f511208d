import type { Writable } from 'node:stream';
import { escapeControls } from '../platform/logging/escape-controls.ts';

/** The reader of the output has closed it, as `head` does: the rest is not needed. */
export class OutputClosed extends Error {}

/** The output of a command. What is printed may come from untrusted peers. */
export interface Output {
  /** @throws OutputClosed */
  line(text: string): Promise<void>;
  /** Each value on a line of its own. @throws OutputClosed */
  json(value: unknown): Promise<void>;
}

const closedCodes = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/**
 * All commands print with this. A terminal would obey control characters that a peer has put into an id or a title, so
 * they are escaped, also line breaks. Callers that await each line do not print faster than the reader reads.
 */
export function createOutput(stream: Writable): Output {
  // The caller gets the error of the write; without a listener this event would end the process.
  stream.on('error', () => undefined);
  const line = (text: string) =>
    new Promise<void>((resolve, reject) => {
      stream.write(`${escapeControls(text)}\n`, (error) => {
        if (!error) resolve();
        else
          reject(closedCodes.includes((error as { code?: string }).code ?? '') ? new OutputClosed() : error);
      });
    });
  return { line, json: (value) => line(JSON.stringify(value)) };
}
