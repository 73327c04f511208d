import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLog } from '../logging/log.ts';
import { currentContext, outsideContext, runInContext } from './work-context.ts';

const noDeadline = { endsAt: Number.POSITIVE_INFINITY };
const message = { subject: 'payment:created', sequence: 7, attempt: 2 };

function lines() {
  const output: string[] = [];
  const log = createLog('info', { write: (line) => void output.push(line) });
  return { log, output };
}

test('When two units of work take turns, then each finds its own context after every wait', async () => {
  const work = (requestId: string) =>
    runInContext({ ...noDeadline, requestId }, async () => {
      await nextTurn();
      return currentContext().requestId;
    });
  expect(await Promise.all([work('one'), work('two')])).toEqual(['one', 'two']);
  expect(currentContext()).toEqual(noDeadline);
});

test('When something goes on outside its context, then it has no deadline, no request and no message', async () => {
  const left = runInContext({ endsAt: 0, requestId: 'one' }, () =>
    outsideContext(async () => {
      await nextTurn();
      return currentContext();
    }),
  );
  expect(await left).toEqual(noDeadline);
});

test('When a line is logged for a request or a message, then it names it, and no other line does', () => {
  const { log, output } = lines();
  const child = log.child({ kind: 'ticket' });
  runInContext({ ...noDeadline, requestId: 'one' }, () => log.info('for a request'));
  runInContext({ ...noDeadline, message }, () => child.info({ version: 3 }, 'for a message'));
  runInContext({ ...noDeadline, message }, () => log.info('again'));
  outsideContext(() => log.info('for nobody'));
  const [forRequest, forMessage, again, forNobody] = output.map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  expect(forRequest).toMatchObject({ msg: 'for a request', requestId: 'one' });
  expect(forMessage).toMatchObject({ msg: 'for a message', kind: 'ticket', version: 3, ...message });
  expect(again).toMatchObject(message);
  expect(Object.keys(forNobody ?? {})).toEqual(['level', 'time', 'pid', 'hostname', 'msg']);
});

test('When a line names its request by itself, then the id stands in it once', () => {
  const { log, output } = lines();
  runInContext({ ...noDeadline, requestId: 'one' }, () => log.info({ requestId: 'one' }, 'answered'));
  expect(output.join('').match(/requestId/g)).toHaveLength(1);
});
