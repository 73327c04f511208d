import { settingsOn, settingsSeenByOthers } from './rollback-settings.ts';

test('When a setting is absent, empty or at its default, then it is not on', () => {
  const off = Object.entries(settingsSeenByOthers).map(([name, [value = '']]) => [name, value]);
  expect(settingsOn({})).toEqual([]);
  expect(settingsOn(Object.fromEntries(off))).toEqual([]);
  expect(settingsOn({ JWT_KEY: 'secret', ORDER_HOLD_SECONDS: '60' })).toEqual([]);
});

test.each([
  ['LIST_SORT', 'createdAt'],
  ['LATE_PAYMENT', 'refund'],
  ['EVENT_SPACING_SECONDS', '6'],
  ['REFUND_ALERT_SECONDS', '3600'],
  ['ORDER_EXTENSION_SECONDS', '300'],
  ['ORDER_COOLDOWN_SECONDS', '60'],
  ['STATUS_NAMES', 'paid=complete'],
  ['BROKER_PAUSED', 'true'],
  ['JETSTREAM_URL', 'nats://jetstream-srv:4222'],
  ['PEERS', 'classic'],
])('When %s is %s, then it is on', (name, value) => {
  expect(settingsOn({ [name]: value })).toEqual([name]);
});
