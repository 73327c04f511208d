import { randomInt } from 'node:crypto';
import { BadOptions, parseOptions, whole } from '../../dev/command-options.ts';

const brokers = ['nats-streaming', 'jetstream', 'jetstream-cluster'] as const;
/** Which broker a round has; the last one is three servers. */
export type RoundBrokerKind = (typeof brokers)[number];

export interface Options {
  rounds: number;
  /** Of the first round; each round after it has the next number. */
  seed: number;
  /** How long there are faults in a round, in seconds. */
  seconds: number;
  broker: RoundBrokerKind;
  /** Which stand-ins for the other services run beside the service; undefined: their messages are made up. */
  peers?: 'classic';
}

/** A history to check again. */
export interface Recheck {
  check: string;
}

export const usage = `usage: npm run test:faults [-- [--rounds N] [--seed S] [--seconds N] [--broker KIND] [--peers classic]
                             | -- --check FILE]
  --rounds N    how many rounds, 1 to 1000 (1)
  --seed S      0 to 4294967295, decides the faults and the choices of the load (a random one)
  --seconds N   how long a round has faults, 10 to 3600 (120); on top come its start, a minute and a half
                without faults under load, and its end
  --broker KIND  nats-streaming (the default), jetstream, or jetstream-cluster: three servers, whose leader is killed,
                whose quorum is lost, and that are frozen and cut off from each other
  --peers classic  the service runs with PEERS=classic, beside stand-ins for the services of such a marketplace; without
                it the messages of the other services are made up; on nats-streaming alone, which such services speak
  --check FILE  checks the history.jsonl that a failed round has left behind`;

const text = { type: 'string' } as const;

/** @throws BadOptions */
export function readOptions(args: string[]): Options | Recheck {
  const options = { rounds: text, seed: text, seconds: text, broker: text, peers: text, check: text };
  const { check, rounds, seed, seconds, peers, broker = 'nats-streaming' } = parseOptions(args, options);
  if (check !== undefined) return { check };
  if (peers !== undefined && peers !== 'classic')
    throw new BadOptions(`--peers must be classic, not "${peers}"`);
  const kind = brokers.find((known) => known === broker);
  if (!kind) throw new BadOptions(`--broker must be one of ${brokers.join(', ')}, not "${broker}"`);
  if (peers !== undefined && kind !== 'nats-streaming')
    throw new BadOptions(
      `--peers classic needs --broker nats-streaming, which such services speak, not ${kind}`,
    );
  const first = seed === undefined ? randomInt(2 ** 31) : whole('seed', seed, 0, 2 ** 32 - 1);
  return {
    rounds: whole('rounds', rounds ?? '1', 1, 1_000),
    seed: first,
    seconds: whole('seconds', seconds ?? '120', 10, 3_600),
    broker: kind,
    ...(peers !== undefined && { peers }),
  };
}
