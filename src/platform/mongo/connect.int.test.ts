import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { testConfig } from '../../../tests/support/running-service.ts';
import { connectDatabase } from './connect.ts';

const theirs = [
  'serverSelectionTimeoutMS',
  'connectTimeoutMS',
  'waitQueueTimeoutMS',
  'heartbeatFrequencyMS',
  'minHeartbeatFrequencyMS',
  'socketTimeoutMS',
  'wtimeoutMS',
] as const;

test.each(['bounded', 'unbounded'] as const)(
  'When the connection string has time-outs, then those of the service hold all the same, also where operations are %s',
  async (operations) => {
    const uri = new URL(testConfig().mongoUri);
    for (const name of theirs) uri.searchParams.set(name, '60001');
    const connection = await connectDatabase(uri.href, {
      ...{ deadlineMs: 5_000, operations, log: pino({ level: 'silent' }) },
    });
    atEnd(() => connection.close());
    expect(connection.getClient().options).toMatchObject({
      serverSelectionTimeoutMS: 2_000,
      connectTimeoutMS: 2_000,
      waitQueueTimeoutMS: 2_000,
      heartbeatFrequencyMS: 500,
      minHeartbeatFrequencyMS: 500,
      socketTimeoutMS: operations === 'bounded' ? 4_000 : 0,
      writeConcern: { wtimeout: 3_000 },
    });
  },
);
