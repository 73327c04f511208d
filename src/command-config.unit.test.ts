import { readEventConfig, readMessageConfig } from './command-config.ts';

test('When late payments are to be given back, or events are spaced, then the commands that handle messages know it', () => {
  expect(readMessageConfig({ LATE_PAYMENT: 'refund' })).toMatchObject({ latePayment: 'refund' });
  expect(readMessageConfig({})).toEqual({ latePayment: 'hold_again', eventSpacingMs: 0 });
  expect(readMessageConfig({ EVENT_SPACING_SECONDS: '6' }).eventSpacingMs).toBe(6_000);
  expect(() => readMessageConfig({ LATE_PAYMENT: 'never' })).toThrow(
    'LATE_PAYMENT must be one of hold_again, refund',
  );
});

test('When events are spaced or statuses named, then the command that publishes needs nothing else to do so, too', () => {
  expect(readEventConfig({ EVENT_SPACING_SECONDS: '300' })).toEqual({ eventSpacingMs: 300_000 });
  const STATUS_NAMES = 'pending=created,paid=complete,expired=cancelled';
  const statusNames = { pending: 'created', paid: 'complete', cancelled: 'cancelled', expired: 'cancelled' };
  expect(readEventConfig({ STATUS_NAMES })).toEqual({ statusNames, eventSpacingMs: 0 });
  expect(readEventConfig({ STATUS_NAMES: '' })).toEqual({ eventSpacingMs: 0 });
});
