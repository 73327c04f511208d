import { memoryTicketStore } from '../../../tests/support/memory-ticket-store.ts';
import { handle, id, now, recordCalls, version } from '../../../tests/support/ticket-versions.ts';
import { maxVersionsAhead } from '../domain/ticket.ts';

type Model = ReturnType<typeof memoryTicketStore>;

test('When a parked update follows, then it is applied before it is deleted', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  await handle(2, model.store);
  const { calls, tickets } = recordCalls(model);
  await handle(1, tickets);
  expect(calls.filter((name) => name === 'advance' || name === 'unpark')).toEqual([
    'advance',
    'advance',
    'unpark',
  ]);
});

test('When a crash comes between applying a parked update and deleting it, then nothing is lost or held up', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  await handle(2, model.store);
  const crashing = {
    ...model.store,
    unpark: async () => {
      throw new Error('the process died');
    },
  };
  await expect(handle(1, crashing)).rejects.toThrow('the process died');
  expect(model.copyOf(id)).toMatchObject(version(2));
  expect(await handle(3, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(3));
  expect(model.parkedCount()).toBe(0);
});

test('When what was reached long ago is still parked, then it is deleted with what follows, and not written again', async () => {
  const model = memoryTicketStore();
  for (const number of [0, 1, 2, 3]) await handle(number, model.store);
  for (const number of [1, 2, 5]) await model.store.park(version(number), now);
  const { calls, tickets } = recordCalls(model);
  expect(await handle(4, tickets)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(5));
  expect(calls.filter((name) => name === 'advance')).toHaveLength(2);
  expect(calls.filter((name) => name === 'unpark')).toHaveLength(1);
});

test('When the gap stays open, then what is parked behind it stays, and costs no writes', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  await handle(5, model.store);
  const { calls, tickets } = recordCalls(model);
  expect(await handle(1, tickets)).toBe('applied');
  expect(calls).toEqual(['advance', 'isAnyParked', 'parked', 'versionOf']);
  expect(model.copyOf(id)).toMatchObject(version(1));
  expect(model.parkedCount()).toBe(1);
});

test.each([99, 100, 101, 250])(
  'When %i updates are parked in a row, then the missing one has them all applied',
  async (count) => {
    const model = memoryTicketStore();
    await handle(0, model.store);
    for (let number = count + 1; number > 1; number--) await handle(number, model.store);
    expect(model.parkedCount()).toBe(count);
    const { calls, tickets } = recordCalls(model);
    await handle(1, tickets);
    expect(model.copyOf(id)).toMatchObject(version(count + 1));
    expect(model.parkedCount()).toBe(0);
    // They are read 100 at a time, and each hundred is deleted with one write.
    expect(calls.filter((name) => name === 'unpark')).toHaveLength(Math.ceil(count / 100));
  },
);

test('When another process applies a parked update first, then it is deleted all the same', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  for (const number of [2, 3]) await handle(number, model.store);
  const tickets: Model['store'] = {
    ...model.store,
    async advance(ticket, from) {
      const outcome = await model.store.advance(ticket, from);
      return ticket.version === 2 ? 'outdated' : outcome;
    },
  };
  expect(await handle(1, tickets)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(3));
  expect(model.parkedCount()).toBe(0);
});

test('When an update was parked before its ticket came, and is out of reach of the copy, then it stays parked', async () => {
  const model = memoryTicketStore();
  expect(await handle(maxVersionsAhead + 1, model.store)).toBe('parked');
  expect(await handle(0, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(0));
  expect(model.parkedCount()).toBe(1);
});
