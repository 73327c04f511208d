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
  return withLine(
    (text) =>
      new Promise<void>((resolve, reject) => {
        stream.write(`${escapeControls(text)}\n`, (error) => {
          if (!error) resolve();
          else
            reject(
              closedCodes.includes((error as { code?: string }).code ?? '') ? new OutputClosed() : error,
            );
        });
      }),
  );
}

/** The same output for what must go on without a reader: a sending is not ended in the middle, and a failure is not hidden. */
export function whileRead(output: Output): Output {
  return withLine(async (text) => {
    try {
      await output.line(text);
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
    }
  });
}

function withLine(line: Output['line']): Output {
  return { line, json: (value) => line(JSON.stringify(value)) };
}

/** Prints a value for programs, or lines about it for people. For programs a generator of lines is not begun. */
export type Print = (value: object, lines: Iterable<string>) => Promise<void>;

export function printTo(out: Output, { isJson }: { isJson: boolean }): Print {
  return async (value, lines) => {
    if (isJson) await out.json(value);
    else for (const line of lines) await out.line(line);
  };
}
