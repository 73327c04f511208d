import { textOf } from '../../infra/repository.ts';
import { newSettings } from './new-settings.ts';

/** They say how much a process takes, where it listens, or which broker it has: no order is another for them. */
const ofProcesses = [
  ...['JETSTREAM_URL', 'JETSTREAM_CREDS_FILE', 'JETSTREAM_CA_FILE', 'JETSTREAM_REPLICAS', 'BROKER_PAUSED'],
  ...['MAX_REQUESTS_IN_FLIGHT', 'MAX_CONNECTIONS', 'MAX_CONNECTIONS_PER_ADDRESS', 'KEEP_ALIVE_SECONDS'],
  ...['START_TIMEOUT_SECONDS', 'LISTEN_ADDRESS', 'PROBES_PORT'],
];

test('The settings that come on after 0.1 are those that docs/deploy.md has in its table', () => {
  const [, table = ''] = textOf('docs/deploy.md').split('| setting |');
  const firstCells = [...table.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = '']) => cell);
  const named = firstCells.flatMap((cell) => cell.match(/(?<=`)[A-Z][A-Z_]+(?=`)/g) ?? []);
  expect(new Set([...Object.keys(newSettings), ...ofProcesses])).toEqual(new Set(named));
});
