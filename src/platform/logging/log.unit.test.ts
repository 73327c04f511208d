import { Writable } from 'node:stream';
import { eventually } from '../../../tests/support/eventually.ts';
import { createLog } from './log.ts';
import { createLogDestination } from './log-destination.ts';

/** A pipe whose reader takes pieces on request only. */
function heldPipe() {
  const read: string[] = [];
  const waiting: (() => void)[] = [];
  const pipe = new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write(chunk: string, _, done) {
      waiting.push(() => {
        read.push(chunk);
        done();
      });
    },
  });
  const readAll = () =>
    eventually(() => {
      for (const take of waiting.splice(0)) take();
      return pipe.writableLength === 0;
    });
  return { pipe, read, readAll };
}

test('When a line holds what a terminal obeys, then it is an escape, and the line means the same', async () => {
  const { pipe, read, readAll } = heldPipe();
  const hostile = 'ch_\u001b[2J\u007f\u009b2J\u202egnp\u2028';
  const log = createLog('info', createLogDestination(pipe));
  log.info({ paymentId: hostile, err: new Error(hostile) }, hostile);
  log.child({ reason: hostile }).warn('again');
  await readAll();
  expect(read).toHaveLength(2);
  for (const line of read) expect(line).toMatch(/^[^\p{Cc}\u2028\u202e]+\n$/u);
  expect(JSON.parse(read[0] ?? '')).toMatchObject({
    paymentId: hostile,
    msg: hostile,
    err: { message: hostile },
  });
  expect(JSON.parse(read[1] ?? '')).toMatchObject({ reason: hostile });
});

test('When an error carries what it could not take, then the log has its message, its code and its stack alone', async () => {
  const { pipe, read, readAll } = heldPipe();
  const error = Object.assign(new Error('refused'), {
    code: 121,
    body: 'sk_live',
    op: { charge: 'sk_live' },
  });
  createLog('info', createLogDestination(pipe)).error({ err: error }, 'failed');
  await readAll();
  expect(read[0]).not.toContain('sk_live');
  expect(JSON.parse(read[0] ?? '')).toMatchObject({
    err: { type: 'Error', message: 'refused', code: 121, stack: error.stack },
  });
});

test('When nobody reads, then lines past the bound are given up, and counted in a line later', async () => {
  const { pipe, read, readAll } = heldPipe();
  const destination = createLogDestination(pipe, 1_000);
  const line = `${'x'.repeat(99)}\n`;
  for (let count = 0; count < 20; count++) destination.write(line);
  expect(pipe.writableLength).toBeLessThan(1_200);
  await readAll();
  await eventually(() => read.some((one) => one.includes('"givenUp":9,')));
  await readAll();
  expect(read.filter((one) => one === line)).toHaveLength(11);
  destination.write(line);
  await readAll();
  expect(read.at(-1)).toBe(line);
});

test('When the rest is to be handed over, then it is waited for, and given up when nobody reads', async () => {
  const { pipe, read, readAll } = heldPipe();
  const destination = createLogDestination(pipe);
  destination.write('last\n');
  await destination.flush(10);
  expect(read).toEqual([]);
  await Promise.all([destination.flush(10_000), readAll()]);
  expect(read).toContain('last\n');
});

test('When the reader goes away, then lines are dropped and nothing throws', async () => {
  const pipe = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const destination = createLogDestination(pipe);
  destination.write('one\n');
  await eventually(() => pipe.destroyed);
  destination.write('two\n');
  await destination.flush(10_000);
});
