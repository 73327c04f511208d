import { orderStatuses } from './order.ts';
import {
  eventDataBy,
  outsideNames,
  ownStatusNames,
  readStatusNames,
  type StatusNames,
  statusesNamed,
} from './status-names.ts';

function namesOf(text: string): StatusNames {
  const read = readStatusNames(text);
  if ('problems' in read) throw new Error(read.problems.join('; '));
  return read.value;
}

const classic = 'pending=created,paid=complete,expired=cancelled';

test.each<[string, Partial<StatusNames>]>([
  [classic, { pending: 'created', paid: 'complete', expired: 'cancelled' }],
  [' pending = awaiting:payment , paid=complete ', { pending: 'awaiting:payment', paid: 'complete' }],
  ['cancelled=expired', { cancelled: 'expired' }],
  ['cancelled=over,expired=over', { cancelled: 'over', expired: 'over' }],
  ['expired=cancelled,cancelled=void', { expired: 'cancelled', cancelled: 'void' }],
  ['pending=pending', {}],
  ['paid=Paid.in_full-1', { paid: 'Paid.in_full-1' }],
])('When the names are %s, then the statuses that it leaves out keep their own words', (text, names) => {
  expect(namesOf(text)).toEqual({ ...ownStatusNames, ...names });
});

const form = (entry: string) => `has "${entry}" where a status and its name belong, such as pending=created`;
const sharing = (statuses: string, name: string) =>
  `gives ${statuses} one name, ${name}: only cancelled and expired may share one`;
const taken = (status: string, name: string) =>
  `gives ${status} the name ${name}, which is our own word for another status: only expired=cancelled or cancelled=expired may be so`;
const shape = (status: string, name: string) =>
  `gives ${status} the name "${name}": it must be 1 to 64 letters, digits or : . _ -`;

test.each<[string, string[]]>([
  ['pending', [form('pending')]],
  ['pending=created,', [form('')]],
  ['pending=created=new', [form('pending=created=new')]],
  ['=created', [form('=created')]],
  ['open=created', ['has no status open to name: the statuses are pending, paid, cancelled, expired']],
  // A name that every object has.
  [
    'constructor=x',
    ['has no status constructor to name: the statuses are pending, paid, cancelled, expired'],
  ],
  ['Pending=created', ['has no status Pending to name: the statuses are pending, paid, cancelled, expired']],
  ['pending=created,pending=new', ['names pending twice: give it one name']],
  ['pending=', [shape('pending', '')]],
  ['pending=awaiting payment', [shape('pending', 'awaiting payment')]],
  ['pending=`new`', [shape('pending', '`new`')]],
  [`pending=${'x'.repeat(65)}`, [shape('pending', 'x'.repeat(65))]],
  ['pending=done,paid=done', [sharing('pending, paid', 'done')]],
  ['pending=over,cancelled=over,expired=over', [sharing('pending, cancelled, expired', 'over')]],
  ['pending=cancelled', [taken('pending', 'cancelled')]],
  ['pending=paid,paid=complete', [taken('pending', 'paid')]],
  ['paid=expired,expired=cancelled', [taken('paid', 'expired')]],
  ['expired=pending', [taken('expired', 'pending')]],
  // Each would mean the other.
  ['cancelled=expired,expired=cancelled', [taken('cancelled', 'expired'), taken('expired', 'cancelled')]],
  ['open=x,paid=', [expect.stringContaining('open'), shape('paid', '')]],
])('When the names are %s, then each problem is named, with what would be right', (text, problems) => {
  expect(readStatusNames(text)).toEqual({ problems });
});

test('When a name is shared, then it stands for both statuses, and each other name for one', () => {
  const names = namesOf(classic);
  expect(outsideNames(names)).toEqual(['created', 'complete', 'cancelled']);
  expect(statusesNamed(names, 'cancelled')).toEqual(['cancelled', 'expired']);
  expect(statusesNamed(names, 'created')).toEqual(['pending']);
  expect(statusesNamed(names, 'pending')).toEqual([]);
  for (const status of orderStatuses) expect(statusesNamed(ownStatusNames, status)).toEqual([status]);
});

test('When an event leaves, then its status has the outside name, in its place, and the stored event keeps ours', () => {
  const dataOf = eventDataBy(namesOf(classic));
  const data = { eventId: 'a:1', status: 'expired', version: 1 };
  expect(JSON.stringify(dataOf({ data }))).toBe('{"eventId":"a:1","status":"cancelled","version":1}');
  expect(data.status).toBe('expired');
});

test.each([
  [{ eventId: 'a:refund:p' }],
  // A newer version of the service may have written these.
  [{ status: 'refunded' }],
  [{ status: 'constructor' }],
  [{ status: 7 }],
])('When an event has %j, then that leaves as it is', (data) => {
  expect(eventDataBy(namesOf(classic))({ data })).toBe(data);
});

test('When nothing is named otherwise, then the data of events is handed on and not copied', () => {
  const data = { status: 'expired' };
  expect(eventDataBy()({ data })).toBe(data);
  expect(eventDataBy(namesOf('pending=pending'))({ data })).toBe(data);
});
