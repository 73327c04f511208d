import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { makeNatsAccounts, type NatsAccounts } from '../support/nats-accounts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  type BrokerUnderTest,
  type Client,
  collect,
  collecting,
  connectClient,
  kinds,
  patient,
} from './broker-under-test.ts';

const start = kinds.JetStream;
const serverArgs = ({ certFile, keyFile }: Certificates) => [
  ...['--tls', '--tlscert', certFile, '--tlskey', keyFile],
];
/** Certificates are for names. */
const named = ({ url }: BrokerUnderTest, scheme: 'tls' | 'nats' = 'tls') =>
  url.replace('nats://127.0.0.1', `${scheme}://localhost`);

/** The reasons why it has no connection. */
const reasons = (client: Client) =>
  client.log().flatMap(({ msg, reason }) => (msg.startsWith('no connection') ? [reason] : []));

async function expectMessages(client: Client): Promise<void> {
  await eventually(() => client.broker.isConnected(), patient);
  const got = await collecting(client, 'case.access');
  await client.broker.publish('case.access', 'heard');
  await eventually(() => got.length > 0, patient);
}

describe('When the server wants TLS', () => {
  let certificates: Certificates;
  let other: Certificates;
  let broker: BrokerUnderTest;
  beforeAll(async () => {
    [certificates, other] = [await makeCertificates(), await makeCertificates()];
    broker = await start(serverArgs(certificates));
  }, 120_000);
  const withCa = (url: string, { caFile } = certificates) => ({
    ...broker.environment(url),
    JETSTREAM_CA_FILE: caFile,
  });

  test.each(['tls', 'nats'] as const)(
    'and the URL begins with %s://, then messages are sent and received',
    async (scheme) => {
      await expectMessages(connectClient(withCa(named(broker, scheme))));
    },
    60_000,
  );

  test('and has the certificate of another authority, or of none that is known, then the log says so, and it is tried again', async () => {
    for (const environment of [withCa(named(broker), other), broker.environment(named(broker))]) {
      const client = connectClient(environment);
      await eventually(() => reasons(client).length > 0, patient);
      expect(reasons(client)[0]).toMatch(/certificate/);
      expect(client.broker.isConnected()).toBe(false);
    }
  }, 60_000);

  test('and its certificate is for another name, then the log says so', async () => {
    const misnamed = await makeCertificates('nats.example');
    const stranger = await start(serverArgs(misnamed));
    const client = connectClient(withCa(named(stranger), misnamed));
    await eventually(() => reasons(client).length > 0, patient);
    expect(reasons(client)[0]).toMatch(/does not match certificate/);
  }, 60_000);

  test('and a server has none, then nothing is sent to it', async () => {
    const plain = await start();
    const client = connectClient(withCa(named(plain)));
    await eventually(() => reasons(client).length > 0, patient);
    expect(reasons(client)[0]).toMatch(/tls/i);
  }, 60_000);
});

describe('When the server wants credentials', () => {
  let accounts: NatsAccounts;
  let broker: BrokerUnderTest;
  let credsFile: string;
  beforeAll(async () => {
    accounts = await makeNatsAccounts();
    credsFile = join(await temporaryFolder(), 'orders.creds');
    broker = await start(accounts.args);
  }, 120_000);
  const withFile = () => ({ ...broker.environment(), JETSTREAM_CREDS_FILE: credsFile });

  test('and the file has those of a user, then messages are sent and received', async () => {
    await writeFile(credsFile, accounts.credentials());
    await expectMessages(connectClient(withFile()));
  }, 60_000);

  test('and the file has others, then the log says that they are refused, not what they are; new ones are read from the file', async () => {
    const others = (await makeNatsAccounts()).credentials();
    await writeFile(credsFile, others);
    const client = connectClient(withFile());
    await eventually(() => reasons(client).length > 0, patient);
    expect(reasons(client)).toEqual([expect.stringMatching(/authorization/i)]);
    const seed = /^SU\w+$/m.exec(others)?.[0] ?? 'none';
    expect(JSON.stringify(client.log())).not.toContain(seed.slice(0, 20));
    await writeFile(credsFile, accounts.credentials());
    await expectMessages(client);
  }, 60_000);

  test('and the file has none, then the log says so', async () => {
    await writeFile(credsFile, 'nothing');
    const client = connectClient(withFile());
    await eventually(() => reasons(client).length > 0, patient);
    expect(reasons(client)[0]).toMatch(/credentials/);
  }, 60_000);

  test('and no file is given, then the log says that it is refused', async () => {
    const client = connectClient(broker.environment());
    await eventually(() => reasons(client).length > 0, patient);
    expect(reasons(client)[0]).toMatch(/authorization/i);
  }, 60_000);

  test('and lets the user publish to some subjects only, then others are refused at once, and these are stored', async () => {
    await writeFile(credsFile, accounts.credentials(['case.forbidden']));
    const client = connectClient(withFile());
    await expectMessages(client);
    await expect(client.broker.publish('case.forbidden', '1')).rejects.toThrow(/not acknowledged.*ermission/);
    await client.broker.publish('case.access', 'afterwards');
    expect(client.broker.isConnected()).toBe(true);
  }, 60_000);

  test('and lets the user have no durable, then the subscription is refused with that reason', async () => {
    await writeFile(credsFile, accounts.credentials(['$JS.API.CONSUMER.>']));
    const client = connectClient(withFile());
    collect(client, 'case.access');
    await eventually(() => client.broker.refusedSubjects().length > 0, patient);
    const refusal = { subject: 'case.access', reason: expect.stringMatching(/permission/i) as string };
    expect(client.log()).toContainEqual(expect.objectContaining(refusal));
  }, 60_000);
});
