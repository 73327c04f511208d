import { newId } from '../../tests/support/buyer.ts';
import { type DeadLetterRuns, startDeadLetterRuns } from '../../tests/support/dead-letter-runs.ts';
import { maxMessageBytes } from '../messaging/listener.ts';

let rig: DeadLetterRuns;
beforeAll(async () => {
  rig = await startDeadLetterRuns();
});

test('When an operator lists and shows dead letters, then reason and content are there, for people and machines', async () => {
  const id = await rig.keep('ticket:created', Buffer.from([0xff, 0x7b]));
  expect(rig.run('list').stdout).toContain(`${id}  `);
  const [line] = rig
    .run('list', '--json')
    .stdout.split('\n')
    .filter((json) => json.includes(id));
  expect(JSON.parse(line ?? '')).toMatchObject({
    id,
    subject: 'ticket:created',
    bytes: 2,
    reason: 'for the test',
  });
  expect(JSON.parse(rig.run('show', id, '--json').stdout)).toMatchObject({ id, base64: '/3s=' });
});

test('When a letter is replayed, then it goes the way of any message, and stays if it fails again', async () => {
  const ticketId = newId();
  const ticket = { id: ticketId, version: 0, title: 'Late', price: 3, userId: newId() };
  const good = await rig.keep('ticket:created', Buffer.from(JSON.stringify(ticket)));
  const orphan = await rig.keep(
    'payment:created',
    Buffer.from(JSON.stringify({ id: 'pay', orderId: newId(), stripeChargeId: 'ch' })),
  );

  const replayed = rig.run('replay', good, orphan);
  expect(replayed.status).toBe(1);
  expect(replayed.stdout).toContain(`${good}  handled: applied`);
  expect(replayed.stdout).toContain(`${orphan}  stays: there is no order`);
  expect(await rig.deadLetters.find(good)).toBeUndefined();
  expect(await rig.deadLetters.find(orphan)).toMatchObject({
    reason: expect.stringContaining('there is no order') as string,
  });
  expect(await rig.database.collection('tickets').findOne({ title: 'Late' })).toMatchObject({
    price: 3,
    version: 0,
  });
});

const tooLarge = Buffer.from('{}'.padEnd(maxMessageBytes + 1));
const longerThanIsKept = Buffer.alloc(9 * 1024 * 1024, ' ');

test.each([
  ['is too large', tooLarge, { bytes: tooLarge.length, kept: tooLarge, stays: 'too large: 65537 bytes' }],
  [
    'is longer than a document',
    longerThanIsKept,
    {
      bytes: longerThanIsKept.length,
      kept: longerThanIsKept.subarray(0, 8 * 1024 * 1024),
      stays: 'of which only the beginning is kept',
    },
  ],
  [
    'is not UTF-8',
    Buffer.from([0xc3, 0x28]),
    { bytes: 2, kept: Buffer.from([0xc3, 0x28]), stays: 'not JSON in UTF-8' },
  ],
  ['is empty', Buffer.alloc(0), { bytes: 0, kept: Buffer.alloc(0), stays: 'not JSON in UTF-8' }],
])(
  'When a message %s, then it can be listed, shown, replayed and discarded like any other',
  async (_, data, expected) => {
    const id = await rig.keep('ticket:updated', data);
    const listed = rig
      .run('list', '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; bytes: number });
    expect(listed.find((letter) => letter.id === id)).toMatchObject({ bytes: expected.bytes });
    const shown = JSON.parse(rig.run('show', id, '--json').stdout) as { base64: string };
    expect(Buffer.from(shown.base64, 'base64').equals(expected.kept)).toBe(true);
    const replayed = rig.run('replay', id);
    expect(replayed.status).toBe(1);
    expect(replayed.stdout).toContain(`${id}  stays: `);
    expect(replayed.stdout).toContain(expected.stays);
    const reason = expect.stringContaining(expected.stays) as string;
    expect(await rig.deadLetters.find(id)).toMatchObject({ reason });
    expect(rig.run('discard', id).status).toBe(0);
    expect(await rig.deadLetters.find(id)).toBeUndefined();
  },
  60_000,
);

test('When a message holds what a terminal would obey, then it is shown as an escape', async () => {
  const id = await rig.keep('ticket:created', Buffer.from('\u001b[2J\u0007\u009b\u007f\u202e'));
  const escaped = String.raw`\u001b[2J\u0007\u009b\u007f\u202e`;
  for (const args of [[], ['--json']]) expect(rig.run('show', id, ...args).stdout).toContain(escaped);
  rig.run('replay', id);
  expect(rig.run('list').stdout).not.toContain('\u001b');
  const { stderr } = rig.run('show', '\u001b[2J\u009b');
  expect(stderr).toContain(String.raw`\u001b[2J\u009b is not an id`);
}, 60_000);

test('When a letter cannot be read, then it is named, and those after it are listed and replayed', async () => {
  const broken = await Promise.all(
    [{ data: 'text' }, { keptAt: '2030-01-01' }].map(async (fields) => {
      const record = {
        subject: 'ticket:created',
        sequence: rig.nextSequence(),
        timestamp: '1',
        reason: 'for the test',
      };
      const whole = { ...record, data: Buffer.from('{}'), keptAt: new Date(), ...fields };
      const { insertedId } = await rig.database.collection('dead_letters').insertOne(whole);
      return insertedId.toHexString();
    }),
  );
  const ticket = { id: newId(), version: 0, title: 'Behind', price: 3, userId: newId() };
  const good = await rig.keep('ticket:created', Buffer.from(JSON.stringify(ticket)));

  const listed = rig.run('list');
  expect(listed.status).toBe(0);
  for (const id of broken) expect(listed.stdout).toContain(`${id}  cannot be read: its `);
  expect(listed.stdout).toContain(`${good}  `);

  const replayed = rig.run('replay', ...broken, good);
  expect(replayed.status).toBe(1);
  for (const id of broken) expect(replayed.stdout).toContain(`${id}  stays: cannot be read`);
  expect(replayed.stdout).toContain(`${good}  handled: applied`);
  expect(rig.run('discard', ...broken).status).toBe(0);
}, 60_000);

test('When a letter is discarded, then it is gone, and a second time says so', async () => {
  const id = await rig.keep('ticket:created', Buffer.from('x'));
  expect(rig.run('discard', id)).toMatchObject({ status: 0 });
  expect(rig.run('discard', id)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('no such dead letter') as string,
  });
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  for (const args of [[], ['burn'], ['show'], ['show', 'x'], ['list', newId()], ['list', '--all']]) {
    const { status, stderr } = rig.run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: dead-letters');
  }
});
