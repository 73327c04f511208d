import type { Writable } from 'node:stream';
import { withTimeout } from '../time/with-timeout.ts';
import { escapeControls } from './escape-controls.ts';

/** Some ten thousand lines. Whoever has not read these does not need them; the memory is for requests. */
const maxHeldBytes = 4 * 1024 * 1024;

/** What a log is written to. */
export interface LogDestination {
  /** Takes a line with its line break. Never waits and never throws. */
  write(line: string): void;
  /** Resolves when all lines are handed over, or after this many milliseconds: the rest is given up. */
  flush(withinMs: number): Promise<void>;
}

/**
 * Writes lines of JSON to `output`, controls as escapes. A pipe that nobody reads must hold nobody up, so `output` is to
 * be a stream that does not block, as `process.stdout` is for pipes; lines past `maxHeldBytes` are given up, and counted
 * in a line once the others have been read. What cannot be written, since the reader has gone or the disk is full, is lost.
 */
export function createLogDestination(output: Writable, maxBytes = maxHeldBytes): LogDestination {
  let givenUp = 0;

  function write(line: string): void {
    if (output.destroyed) return;
    if (output.writableLength > maxBytes) givenUp++;
    else output.write(`${escapeControls(line.slice(0, -1))}\n`);
  }

  // Without a listener it would end the process, which can do its work without a log.
  output.on('error', () => undefined);
  output.on('drain', () => {
    if (givenUp === 0) return;
    const line = {
      level: 40,
      time: Date.now(),
      givenUp,
      msg: 'log lines were given up, since nobody read them',
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
