import { request } from './api.js';
import { refreshSoon, startAutoRefresh } from './auto-refresh.js';
import { byId, make, notice, say } from './dom.js';
import { onFeedEvent } from './live-events.js';
import { clearLog, logMessage, nameTickets } from './message-log.js';
import { startSession } from './session.js';

/** @typedef {{id: string, title: string, version: number, replicaVersion: number | null, parked: number[]}} Row */

const pollMs = 1_000;
/** @type {Map<string, string>} */
const titles = new Map();
/** @type {Map<string, HTMLTableRowElement>} */
const rows = new Map();
const chosen = /** @type {HTMLSelectElement} */ (byId('chosen'));
const outage = /** @type {HTMLButtonElement} */ (byId('outage'));

async function refresh() {
  const { body } = await request('GET', '/inside/state');
  for (const row of /** @type {Row[]} */ (body.tickets)) renderRow(row);
  nameTickets(titles);
  say(byId('dead-letters'), String(body.deadLetters));
  say(byId('broker'), body.broker.description);
  outage.hidden = !body.broker.canBeStopped;
  outage.setAttribute('aria-disabled', String(body.broker.backAt !== null));
}

/** @param {Row} row */
function renderRow({ id, title, version, replicaVersion, parked }) {
  if (!titles.has(id)) chosen.append(make('option', { value: id }, title));
  titles.set(id, title);
  const known = rows.get(id) ?? make('tr', {}, make('th', { scope: 'row' }, title), ...cells(3));
  if (!rows.has(id)) byId('rows').append(known);
  rows.set(id, known);
  const [, ticketCell, replicaCell, state] = known.cells;
  if (!ticketCell || !replicaCell || !state) return;
  say(ticketCell, `v${version}`);
  say(replicaCell, replicaVersion === null ? '—' : `v${replicaVersion}`);
  known.dataset['state'] = replicaVersion === version ? 'same' : 'behind';
  say(state, stateOf(version, replicaVersion, parked));
}

/** @param {number} count */
function cells(count) {
  return Array.from({ length: count }, () => make('td'));
}

/** @param {number} version @param {number | null} replica @param {number[]} parked */
function stateOf(version, replica, parked) {
  if (replica === version) return 'the same';
  if (replica === null || parked.length === 0) return 'on its way';
  return `waits for v${replica + 1}, keeps ${parked.map((one) => `v${one}`).join(', ')}`;
}

const explanations = /** @type {Record<string, string>} */ ({
  'in-order': 'The next version was published. The copy takes it.',
  'out-of-order':
    'The version after the next was published; the next one comes four seconds later. The copy keeps it aside until then.',
  twice: 'The next version was published twice. The copy takes it once.',
  malformed: 'Half a message was published. It is set aside as a dead letter, and holds up nothing.',
});

/** @param {string} trouble */
async function causeTrouble(trouble) {
  await request('POST', `/inside/tickets/${chosen.value}/${trouble}`);
  say(byId('result'), `${titles.get(chosen.value)}: ${explanations[trouble]}`);
  refreshSoon();
}

async function stopBroker() {
  if (outage.getAttribute('aria-disabled') === 'true') return;
  await request('POST', '/inside/outage');
  say(
    byId('result'),
    'The broker was killed. Order something meanwhile: its events go out when the broker is back.',
  );
  refreshSoon();
}

for (const button of document.querySelectorAll('[data-trouble]')) {
  button.addEventListener('click', () =>
    causeTrouble(button.getAttribute('data-trouble') ?? '').catch(notice),
  );
}
outage.addEventListener('click', () => stopBroker().catch(notice));
await startSession(() => undefined).catch(notice);
onFeedEvent((event) => {
  if (event.kind === 'start') clearLog();
  if (event.kind === 'message') logMessage(event);
});
startAutoRefresh(refresh);
// The replicas' database sends no events.
setInterval(() => !document.hidden && refreshSoon(), pollMs);
