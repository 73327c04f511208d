import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { temporaryFolder } from './temporary-folder.ts';

const text = new TextEncoder();

/** What the server is told about an account with everything allowed. */
const unlimited = {
  ...{ subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
  ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
};

interface Claims {
  name: string;
  /** The public key of whom it is about. */
  about: nkeys.KeyPair;
  /** Who vouches for it. */
  by: nkeys.KeyPair;
  nats: Record<string, unknown>;
}

/** A server's accounts, of which an operator's key says who they are. */
export interface NatsAccounts {
  /** The arguments that make a server take its accounts from there. */
  args: string[];
  /** The content of the file of a new user, who may publish to all but these subjects. */
  credentials(denied?: string[]): string;
}

/** Makes an operator with an account for JetStream, as the tool `nsc` does. Removed at the end of the test file. */
export async function makeNatsAccounts(): Promise<NatsAccounts> {
  const [operator, account, system] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const accountJwt = (name: string, about: nkeys.KeyPair, limits: Record<string, unknown>) =>
    sign({ name, about, by: operator, nats: { type: 'account', limits } });
  const operatorNats = { type: 'operator', system_account: system.getPublicKey() };
  const { mem_storage: _, disk_storage: __, streams: ___, consumer: ____, ...withoutJetStream } = unlimited;
  const lines = [
    `operator: ${sign({ name: 'an operator', about: operator, by: operator, nats: operatorNats })}`,
    'resolver: MEMORY',
    'resolver_preload: {',
    `  ${account.getPublicKey()}: ${accountJwt('orders', account, unlimited)}`,
    `  ${system.getPublicKey()}: ${accountJwt('system', system, withoutJetStream)}`,
    '}',
  ];
  const configFile = join(await temporaryFolder(), 'accounts.conf');
  await writeFile(configFile, lines.join('\n'));
  return {
    args: ['-c', configFile],
    credentials(deny = []) {
      const user = nkeys.createUser();
      const limits = { subs: -1, data: -1, payload: -1, pub: { deny } };
      const jwt = sign({ name: 'a user', about: user, by: account, nats: { type: 'user', ...limits } });
      return credentialsFile(jwt, new TextDecoder().decode(user.getSeed()));
    },
  };
}

/** A token as NATS has it: signed with the key of the one who vouches. */
function sign({ name, about, by, nats }: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    ...{ jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), name },
    ...{ iss: by.getPublicKey(), sub: about.getPublicKey(), nats: { version: 2, ...nats } },
  };
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${signed}.${Buffer.from(by.sign(text.encode(signed))).toString('base64url')}`;
}

function credentialsFile(jwt: string, seed: string): string {
  return [
    ...['-----BEGIN NATS USER JWT-----', jwt, '------END NATS USER JWT------', ''],
    ...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
  ].join('\n');
}
