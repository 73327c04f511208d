import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { systemClock } from '../../platform/time/clock.ts';
import { deadLetterModel } from './dead-letter-model.ts';
import { createDeadLetterStore } from './dead-letter-store.ts';

test('When messages become dead letters, then those about payments are counted, until they are discarded', async () => {
  const letters = createDeadLetterStore(deadLetterModel(await openDatabase(testConfig())), systemClock);
  const subjects = ['payment:created', 'ticket:created', 'payment:created', 'payment:refunded', 'payments'];
  for (const [index, subject] of subjects.entries()) {
    const delivery = { subject, sequence: index, timestamp: '1', attempt: 1, data: Buffer.from('{}') };
    await letters.keep(delivery, 'for the test');
  }
  expect(await letters.countPayments()).toBe(3);
  for await (const { id } of letters.all()) await letters.discard(id);
  expect(await letters.countPayments()).toBe(0);
});

test('When a message came by JetStream, then its letter knows the stream, and that of NATS Streaming stays as it was', async () => {
  const letters = createDeadLetterStore(deadLetterModel(await openDatabase(testConfig())), systemClock);
  const delivery = { subject: 'ticket:created', sequence: 1, attempt: 1, data: Buffer.from('{}') };
  const origin = { broker: 'jetstream' as const, stream: 'ORDERS_TICKETS' };
  await letters.keep({ ...delivery, timestamp: '1' }, 'for the test');
  await letters.keep({ ...delivery, timestamp: '2', origin }, 'for the test');
  const origins: unknown[] = [];
  for await (const letter of letters.all()) origins.push('origin' in letter ? letter.origin : 'none');
  expect(origins).toEqual(['none', origin]);
});
