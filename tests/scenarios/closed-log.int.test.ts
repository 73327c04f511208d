import { spawnSync } from 'node:child_process';
import type { Connection } from 'mongoose';
import { deadLetterModel } from '../../src/messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from '../../src/messaging/dead-letters/dead-letter-store.ts';
import { parkedUpdateModel, ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { createTicketStore } from '../../src/tickets/store/ticket-store.ts';
import { newId } from '../support/buyer.ts';
import { commandLine, commandVariables } from '../support/command-run.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';

const config = testConfig();
let database: Connection;

beforeAll(async () => {
  database = await openDatabase(config);
  const tickets = createTicketStore(ticketModel(database), parkedUpdateModel(database));
  const deadLetters = createDeadLetterStore(deadLetterModel(database), () => new Date());
  for (const version of [5, 6]) {
    await tickets.park({ id: newId(), title: 'A', price: 1, version }, new Date());
    const message = { subject: 'ticket:created', sequence: version, timestamp: '1', attempt: 1 };
    await deadLetters.keep({ ...message, data: Buffer.from('x') }, 'for the test');
  }
});

/** Runs a command whose output goes to a program that has ended before it prints. */
function runUnread(command: string, ...args: string[]) {
  const script = '{ "$@"; echo "exit code $?" >&2; } | true';
  const program = [process.execPath, ...commandLine(command, ...args)];
  return spawnSync('sh', ['-c', script, 'sh', ...program], {
    env: { PATH: process.env['PATH'], ...commandVariables(config) },
    encoding: 'utf8',
  }).stderr;
}

test.each([
  ['audit'],
  ['audit', '--json'],
  ['dead-letters', 'list'],
  ['dead-letters', 'show', newId(), newId()],
  ['republish', '--since', new Date().toISOString()],
  ['republish', '--since', new Date().toISOString(), '--yes'],
  ['audit', '--help'],
] as [string, ...string[]][])(
  'When whoever reads the output of %s %s goes away, then it ends with 0 and without a word',
  (command, ...args) => {
    expect(runUnread(command, ...args)).toBe('exit code 0\n');
  },
  60_000,
);
