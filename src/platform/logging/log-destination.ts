import type { Writable } from 'node:stream';
import { withTimeout } from '../time/with-timeout.ts';
import { escapeControls } from './escape-controls.ts';

/** Some ten thousand lines. A reader that has not read these does not need them; the memory is for requests. */
const maxHeldBytes = 4 * 1024 * 1024;

/** The destination of a log. */
export interface LogDestination {
  /** Takes a line with its line break. Never waits and never throws. */
  write(line: string): void;
  /** Resolves when all lines are written, or after this many milliseconds: the rest is dropped. */
  flush(withinMs: number): Promise<void>;
}

/**
 * Writes lines of JSON to `output`, with control characters escaped. A reader that is too slow must not delay the service:
 * `output` must be a stream that does not block, as `process.stdout` is for pipes, and lines beyond `maxHeldBytes` are
 * dropped, and their number is logged later. Lines are lost when the reader has gone or the disk is full.
 */
export function createLogDestination(output: Writable, maxBytes = maxHeldBytes): LogDestination {
  let givenUp = 0;

  function write(line: string): void {
    if (output.destroyed) return;
    if (output.writableLength > maxBytes) givenUp++;
    else output.write(`${escapeControls(line.slice(0, -1))}\n`);
  }

  // Without a listener the error would end the process, which can work without a log.
  output.on('error', () => undefined);
  output.on('drain', () => {
    if (givenUp === 0) return;
    const line = {
      level: 40,
      time: Date.now(),
      givenUp,
      msg: 'log lines were dropped, because they were not read',
    };
    givenUp = 0;
    write(`${JSON.stringify(line)}\n`);
  });

  return {
    write,
    async flush(withinMs) {
      const flushed = new Promise<void>((resolve) => {
        output.write('', () => resolve());
      });
      await withTimeout(withinMs, flushed, () => undefined);
    },
  };
}
