import { outboxLeaseMs } from '../../../src/outbox/outbox-lease.ts';
import type { Random } from '../random.ts';

export const services = ['service-1', 'service-2'] as const;
export type ServiceName = (typeof services)[number];
/** Who is hit in a cluster is known when the fault begins. */
const clusterRoles = ['stream leader', 'meta leader', 'any broker', 'broker majority'] as const;
export type ClusterRole = (typeof clusterRoles)[number];
export type ProcessName = ServiceName | 'broker' | 'database' | ClusterRole;
export type LinkName = `${ServiceName}:${'broker' | 'database'}`;

/** A fault of a process. `partition` cuts a server of a cluster off from the others and from all clients. */
interface ProcessFault {
  kind: 'kill' | 'freeze' | 'partition';
  target: ProcessName;
}

/**
 * A fault of the connections between a service and a server: `cut` closes and refuses them, `reset` ends them with a
 * TCP reset, `stall` lets no data through one way and keeps them open, `slow` delays what goes through.
 */
export interface LinkFault {
  kind: 'cut' | 'reset' | 'stall' | 'slow';
  target: LinkName;
  stream: 'upstream' | 'downstream';
  /** For `slow`, in milliseconds. */
  latencyMs: number;
}

/** What the nemesis is going to do; times in milliseconds from the start of the load. */
export type PlannedFault = (ProcessFault | LinkFault) & { atMs: number; forMs: number };

/** Links that can be disturbed: all with toxiproxy, none without. */
export interface Scope {
  lengthMs: number;
  links: readonly LinkName[];
  /** Whether the broker is one server or a cluster of three. */
  broker: 'one' | 'cluster';
}

export const allLinks: readonly LinkName[] = services.flatMap((service) => [
  `${service}:broker` as const,
  `${service}:database` as const,
]);

type Card = ProcessFault | LinkFault;

type Range = [low: number, high: number];

/** The longest freeze of the database: a service that starts meanwhile gives up after 30 s, as it should. */
const databaseFreezeMs: Range = [10_500, 15_000];
/** Longer than the lease of an outbox; and longer than the 20 s within which a lost broker is noticed. */
const longFreezesMs: Range[] = [
  [outboxLeaseMs + 500, 15_000],
  [22_000, 27_000],
];

/**
 * Decides on the faults of a round. Kinds and targets are dealt like cards, so that each comes up before one comes
 * again; about a third of the faults happen while another target is still disturbed.
 */
export function planFaults(random: Random, { lengthMs, ...scope }: Scope): PlannedFault[] {
  const planned: PlannedFault[] = [];
  let deck: Card[] = [];
  let atMs = random.between(1_500, 3_000);
  while (atMs < lengthMs - 2_000) {
    if (deck.length === 0) deck = random.shuffled(cards(random, scope));
    const card = deck.pop();
    if (!card) break;
    const forMs = Math.round(Math.min(durationMs(random, card), lengthMs - atMs));
    const busy = planned.some(
      ({ target, atMs: from, forMs: lasts }) =>
        placeOf(target) === placeOf(card.target) && from + lasts + 500 > atMs,
    );
    if (!busy) planned.push({ ...card, atMs: Math.round(atMs), forMs });
    // A cluster has many faults for one place: none is to be left out.
    else if (placeOf(card.target) === 'cluster') deck.unshift(card);
    atMs += random.chance(0.35) ? random.between(200, forMs) : forMs + random.between(800, 2_500);
  }
  return planned;
}

/** One server of a cluster is disturbed at a time, apart from a majority: two faults might take the quorum by the way. */
function placeOf(target: string): string {
  return (clusterRoles as readonly string[]).includes(target) ? 'cluster' : target;
}

function cards(random: Random, { links, broker }: Omit<Scope, 'lengthMs'>): Card[] {
  const service = random.pick(services);
  const ofServers = broker === 'one' ? ofOneBroker(service) : ofCluster(random, service, links.length > 0);
  if (links.length === 0) return ofServers;
  const kinds = ['cut', 'reset', 'stall', 'slow'] as const;
  return [...ofServers, ...kinds.map((kind) => ofLink(random, kind, links))];
}

function ofOneBroker(service: ServiceName): Card[] {
  return (['kill', 'freeze'] as const).flatMap((kind) =>
    ([service, 'broker', 'database'] as const).map((target): Card => ({ kind, target })),
  );
}

/** The leader of the streams, that of the cluster, a server of whatever role, and the quorum. */
function ofCluster(random: Random, service: ServiceName, hasLinks: boolean): Card[] {
  const oneServer = () => random.pick(['stream leader', 'any broker'] as const);
  return [
    { kind: 'kill', target: service },
    { kind: 'kill', target: 'database' },
    { kind: 'kill', target: random.pick(['stream leader', 'meta leader'] as const) },
    { kind: random.pick(['kill', 'freeze'] as const), target: 'broker majority' },
    { kind: 'freeze', target: service },
    { kind: 'freeze', target: 'database' },
    { kind: 'freeze', target: oneServer() },
    ...(hasLinks ? [{ kind: 'partition', target: oneServer() } as const] : []),
  ];
}

function ofLink(random: Random, kind: LinkFault['kind'], links: readonly LinkName[]): LinkFault {
  const stream = random.pick(['upstream', 'downstream'] as const);
  return { kind, target: random.pick(links), stream, latencyMs: random.whole(200, 1_500) };
}

function durationMs(random: Random, { kind, target }: Card): number {
  switch (kind) {
    case 'kill':
      return random.between(100, 6_000);
    case 'freeze':
    case 'partition':
      if (random.chance(0.4)) return random.between(500, 4_000);
      return lasting(random, target === 'database' ? databaseFreezeMs : random.pick(longFreezesMs));
    case 'cut':
    case 'reset':
      return random.between(300, 6_000);
    case 'stall':
    case 'slow':
      return random.between(3_000, 12_000);
  }
}

function lasting(random: Random, [low, high]: Range): number {
  return random.between(low, high);
}
