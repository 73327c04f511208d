import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createLog } from '../src/platform/logging/log.ts';
import { createLogDestination } from '../src/platform/logging/log-destination.ts';
import { keepEscapes, printReadably } from './readable-log.ts';

const hostile = '\u001b[2J\u009b\u007f\b\f\r\u202e\u2028';

test('When a log contains control characters, then its readable form has their escapes, and lines stay lines', async () => {
  const [log, output] = [new PassThrough(), new PassThrough()];
  printReadably(log, output);
  const destination = createLogDestination(log);
  createLog('info', destination).info({ subject: hostile, lines: 'one\n\ttwo' }, `Käthe ${hostile}`);
  log.end();
  const printed = await text(output);
  expect(printed).toContain(String.raw`Käthe \u001b[2J\u009b\u007f\b\f\r\u202e\u2028`);
  expect(printed.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
});

test('When a text has the form of an escape, then it stays that text', () => {
  for (const value of [String.raw`\u001b`, String.raw`\\u001b`, 'a\\', String.raw`"\r"`]) {
    const line = JSON.stringify({ value });
    expect(JSON.parse(keepEscapes(line))).toEqual({ value });
  }
});
