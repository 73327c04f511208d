import type { Writable } from 'node:stream';
import { escapeControls } from '../platform/logging/escape-controls.ts';

/** The reader of the output has gone, as `head` does: nobody needs the rest. */
export class OutputClosed extends Error {}

/** Where a command prints; what is printed may come from anybody. */
export interface Output {
  /** @throws OutputClosed */
  line(text: string): Promise<void>;
  /** Each value on a line of its own. @throws OutputClosed */
  json(value: unknown): Promise<void>;
}

const closedCodes = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/**
 * The one way in which commands print. A terminal would obey controls that a peer has put into an id or a title, so they
 * are escapes, line breaks included. Whoever awaits a line goes no faster than it is read.
 */
export function createOutput(stream: Writable): Output {
  // The failure of a write is the caller's; without a listener this event would end the process.
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
