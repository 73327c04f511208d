import { changeEvent, eventOf } from '../../faults/rules/changed-history.ts';
import { at, goodHistory } from '../../faults/rules/sample-history.ts';
import { textOf } from '../../infra/repository.ts';
import { inOwnWords, newSettings } from './new-settings.ts';

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

test('When a status has not the name of its time, then it is found, and each other is read back into our word', () => {
  const history = goodHistory();
  expect(inOwnWords(history, Number.POSITIVE_INFINITY)).toEqual({ history, wrongNames: [] });
  // It is placed at 3,100 ms and paid at 4,000.
  history.answers = history.answers.filter(({ shown }) => shown?.id === 'a2');
  history.messages = history.messages.filter(({ text }) => text.includes('"eventId":"a2:'));
  const wrongNames = (renamedAt: number) => inOwnWords(history, renamedAt).wrongNames;
  expect(wrongNames(at(3_500))).toEqual(['a2:1 says paid']);
  changeEvent(history, 'a2:1', { status: 'complete' });
  expect(wrongNames(at(3_500))).toEqual([]);
  expect(eventOf(inOwnWords(history, at(3_500)).history, 'a2:1').text).toContain('"status":"paid"');
  expect(wrongNames(at(0))).toEqual(['place request-a2 says pending', 'a2:0 says pending']);
  expect(wrongNames(at(5_000))).toEqual(['a2:1 says complete']);
});
