import { spawnSync } from 'node:child_process';
import type { Connection } from 'mongoose';
import { newId } from '../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../tests/support/running-service.ts';
import { deadLetterModel } from '../dead-letters/dead-letter-model.ts';
import { createDeadLetterStore, type DeadLetterStore } from '../dead-letters/dead-letter-store.ts';

const config = testConfig();
let database: Connection;
let deadLetters: DeadLetterStore;
let sequence = 0;

beforeAll(async () => {
  database = await openDatabase(config);
  deadLetters = createDeadLetterStore(deadLetterModel(database), () => new Date());
});

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/commands/dead-letters.ts', ...args],
    { env: { PATH: process.env['PATH'], MONGO_URI: config.mongoUri }, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

/** Keeps a message as a dead letter and resolves with its id. */
async function keep(subject: string, data: Buffer): Promise<string> {
  sequence++;
  await deadLetters.keep({ subject, sequence, timestamp: '1', attempt: 1, data }, 'for the test');
  for await (const letter of deadLetters.all()) if (letter.sequence === sequence) return letter.id;
  throw new Error('not kept');
}

test('When an operator lists and shows dead letters, then reason and content are there, for people and machines', async () => {
  const id = await keep('ticket:created', Buffer.from([0xff, 0x7b]));
  expect(run('list').stdout).toContain(`${id}  `);
  const [line] = run('list', '--json')
    .stdout.split('\n')
    .filter((json) => json.includes(id));
  expect(JSON.parse(line ?? '')).toMatchObject({
    id,
    subject: 'ticket:created',
    bytes: 2,
    reason: 'for the test',
  });
  expect(JSON.parse(run('show', id, '--json').stdout)).toMatchObject({ id, base64: '/3s=' });
});

test('When a letter is replayed, then it goes the way of any message, and stays if it fails again', async () => {
  const ticketId = newId();
  const ticket = { id: ticketId, version: 0, title: 'Late', price: 3, userId: newId() };
  const good = await keep('ticket:created', Buffer.from(JSON.stringify(ticket)));
  const orphan = await keep(
    'payment:created',
    Buffer.from(JSON.stringify({ id: 'pay', orderId: newId(), stripeChargeId: 'ch' })),
  );

  const replayed = run('replay', good, orphan);
  expect(replayed.status).toBe(1);
  expect(replayed.stdout).toContain(`${good}  handled: applied`);
  expect(replayed.stdout).toContain(`${orphan}  stays: there is no order`);
  expect(await deadLetters.find(good)).toBeUndefined();
  expect(await deadLetters.find(orphan)).toMatchObject({
    reason: expect.stringContaining('there is no order') as string,
  });
  expect(await database.collection('tickets').findOne({ title: 'Late' })).toMatchObject({
    price: 3,
    version: 0,
  });
});

test('When a letter is discarded, then it is gone, and a second time says so', async () => {
  const id = await keep('ticket:created', Buffer.from('x'));
  expect(run('discard', id)).toMatchObject({ status: 0 });
  expect(run('discard', id)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('no such dead letter') as string,
  });
});

test('When the command line is wrong, then it says what would be right and exits with 2', () => {
  for (const args of [[], ['burn'], ['show'], ['show', 'x'], ['list', newId()], ['list', '--all']]) {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: dead-letters');
  }
});
