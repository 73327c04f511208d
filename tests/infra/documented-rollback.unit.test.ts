import { rollbackRules } from '../../src/audit/rollback-rules.ts';
import { settingsSeenByOthers } from '../../src/audit/rollback-settings.ts';
import { knownVariables } from './configuration.ts';
import { textOf } from './repository.ts';

const page = textOf('docs/deploy.md');

/** The settings and commands of 0.1, which the table leaves out. */
const settingsOf01 = [
  ...['MONGO_URI', 'NATS_URL', 'NATS_CLUSTER_ID', 'NATS_CLIENT_ID', 'JWT_KEY', 'JWT_KEY_PREVIOUS', 'PORT'],
  ...[
    'ORDER_HOLD_SECONDS',
    'TICKET_GAP_TIMEOUT_SECONDS',
    'RATE_LIMIT_PER_MINUTE',
    'TRUST_PROXY',
    'LOG_LEVEL',
  ],
  ...['MAX_PENDING_ORDERS_PER_USER', 'SHUTDOWN_DELAY_SECONDS', 'SHUTDOWN_GRACE_SECONDS'],
];
const commandsOf01 = ['audit', 'dead-letters', 'republish'];

/** What is quoted in the first cells of the table that has this head. */
function firstCells(head: string): string[] {
  const [, table = ''] = page.split(`\n| ${head} |`);
  const rows = table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}
const table = firstCells('setting');
const isSetting = (name: string) => /^[A-Z][A-Z_]+$/.test(name);

test('When a setting is newer than 0.1, then the table of the rollback has it, and no others', () => {
  const newer = knownVariables.filter((name) => !settingsOf01.includes(name));
  expect(new Set(table.filter(isSetting))).toEqual(new Set(newer));
});

test('When a command is newer than 0.1, then the table of the rollback has it, and so it has each that writes orders', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const newer = Object.entries(scripts)
    .filter(([name, line]) => line.startsWith('tsx src/commands/') && !commandsOf01.includes(name))
    .map(([name]) => name);
  const listed = table.flatMap((name) => /^npm run ([\w-]+)/.exec(name)?.[1] ?? []);
  expect(new Set(listed)).toEqual(new Set(newer));
  const words = table.flatMap((name) => name.split(/[ ,]+/));
  const ofOrders = [...textOf('src/commands/orders.ts').matchAll(/case '([\w-]+)':/g)].map(([, one]) => one);
  expect(words).toEqual(expect.arrayContaining(ofOrders));
});

test('When the check before a rollback can name something, then the page says what 0.1 does with it', () => {
  expect(firstCells('what it names')).toEqual(Object.keys(rollbackRules));
});

test('When the check looks at a setting, then the service reads it', () => {
  const unknown = Object.keys(settingsSeenByOthers).filter((name) => !knownVariables.includes(name));
  expect(unknown).toEqual([]);
});
