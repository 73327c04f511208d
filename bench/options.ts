import { BadOptions, parseOptions, whole } from '../dev/command-options.ts';

export const partNames = [
  'requests',
  'replication',
  'relay',
  'events',
  'growth',
  'cost',
  'gaps',
  'overload',
  'pairs',
] as const;
export type PartName = (typeof partNames)[number];

export interface Options {
  parts: readonly PartName[];
  /** How often everything is measured. */
  rounds: number;
  /** The first round that is run: 0 warms up and is forgotten, 1 does without. */
  firstRound: 0 | 1;
  /** How many requests, or operations, a measurement has. */
  requests: number;
  /** How many of these are under way at a time, each number in turn. */
  inFlight: readonly number[];
  /** The same where the time until an event is measured. */
  eventsInFlight: readonly number[];
  /** How many ticket events are replicated. */
  events: number;
  /** How many orders are stored while their number's effect is measured, the smallest number first. */
  orders: readonly number[];
  /** How many buyers have 30 orders each to look at. */
  viewers: number;
  /** How many requests a measurement has while the number of stored orders grows. */
  growthRequests: number;
  /** How many requests are sent one by one where what one costs is counted. */
  alone: number;
  /** How many orders are placed before the memory is looked at. */
  memoryOrders: number;
  /** How long the load lasts after which the memory is looked at, in seconds. */
  loadSeconds: number;
  /** How many buyers come at once, each number in turn; those of the first are what the others are compared with. */
  crowds: readonly number[];
  /** How long each crowd asks, in seconds. */
  crowdSeconds: number;
  json?: string;
  charts?: string;
  /** The commit whose build this one is measured beside, in the part `pairs`. */
  against?: string;
  /** Where the service's CPU profiles are written to. */
  profile?: string;
}

export const usage = `usage: npm run bench [-- OPTION…]
  --quick           small numbers, about three minutes: shows that it works, its figures say little
  --only PARTS      some of ${partNames.join(', ')}; separated by commas
  --rounds N        how often everything is measured after a round to warm up, 1 to 100 (5)
  --requests N      requests in a measurement, 128 to 1000000 (3000)
  --in-flight N,N…  how many requests are under way, each number in turn, 1 to 1024 (32,128; events also 256)
  --events N        ticket events to be replicated, 100 to 1000000 (50000)
  --orders N,N…     stored orders, the fewest first, 100 to 10000000 (1000,100000,1000000)
  --load-seconds N  load before the memory is looked at, 1 to 36000 (600)
  --against COMMIT  pairs: this build, once more as a control, and the build of a commit, in turn; events and
                    overload: that build, too
  --json FILE       writes all figures as JSON
  --charts FOLDER   draws them, as SVG
  --profile FOLDER  writes CPU profiles of the service, for Chrome's developer tools
MONGO_URI and NATS_URL name servers to be used instead of the embedded ones.`;

const text = { type: 'string' } as const;
const options = {
  quick: { type: 'boolean' },
  only: text,
  rounds: text,
  requests: text,
  events: text,
  orders: text,
  'load-seconds': text,
  'in-flight': text,
  against: text,
  json: text,
  charts: text,
  profile: text,
} as const;

/** What a run is like where its options say nothing else. */
interface Preset {
  /** What options can change, as they would give it. */
  given: Record<'rounds' | 'requests' | 'events' | 'orders' | 'load', string>;
  fixed: Pick<
    Options,
    | 'crowds'
    | 'crowdSeconds'
    | 'firstRound'
    | 'inFlight'
    | 'eventsInFlight'
    | 'viewers'
    | 'growthRequests'
    | 'alone'
    | 'memoryOrders'
  >;
}

const full: Preset = {
  given: { rounds: '5', requests: '3000', events: '50000', orders: '1000,100000,1000000', load: '600' },
  fixed: {
    firstRound: 0,
    inFlight: [32, 128],
    eventsInFlight: [32, 128, 256],
    viewers: 100,
    growthRequests: 500,
    alone: 256,
    memoryOrders: 10_000,
    crowds: [1_000, 3_000, 8_000],
    crowdSeconds: 15,
  },
};
const quick: Preset = {
  given: { rounds: '1', requests: '128', events: '500', orders: '300,600', load: '3' },
  fixed: {
    firstRound: 1,
    inFlight: [32],
    eventsInFlight: [32],
    viewers: 10,
    growthRequests: 32,
    alone: 16,
    memoryOrders: 256,
    crowds: [100, 600],
    crowdSeconds: 2,
  },
};

/** @throws BadOptions */
export function readOptions(args: string[]): Options {
  const given = parseOptions(args, options);
  const { given: fallback, fixed } = given.quick ? quick : full;
  const { against, json, charts, profile } = given;
  const inFlight = given['in-flight'] === undefined ? undefined : readInFlight(given['in-flight']);
  return {
    ...fixed,
    ...(inFlight && { inFlight, eventsInFlight: inFlight }),
    parts: partsOf(given.only, against),
    rounds: whole('rounds', given.rounds ?? fallback.rounds, 1, 100),
    // As many as are in flight at once.
    requests: whole('requests', given.requests ?? fallback.requests, 128, 1_000_000),
    events: whole('events', given.events ?? fallback.events, 100, 1_000_000),
    orders: readSizes(given.orders ?? fallback.orders),
    loadSeconds: whole('load-seconds', given['load-seconds'] ?? fallback.load, 1, 36_000),
    ...(against !== undefined && { against }),
    ...(json !== undefined && { json }),
    ...(charts !== undefined && { charts }),
    ...(profile !== undefined && { profile }),
  };
}

function readParts(list: string): PartName[] {
  const names = list.split(',').map((name) => name.trim());
  return names.map((name) => {
    const known = partNames.find((part) => part === name);
    if (known) return known;
    throw new BadOptions(`--only knows ${partNames.join(', ')}, not ${JSON.stringify(name)}`);
  });
}

/** @throws BadOptions */
function readInFlight(list: string): number[] {
  return list.split(',').map((some) => whole('in-flight', some.trim(), 1, 1_024));
}

function readSizes(list: string): number[] {
  const sizes = list.split(',').map((size) => whole('orders', size.trim(), 100, 10_000_000));
  const rising = sizes.every((size, place) => place === 0 || size > (sizes[place - 1] ?? 0));
  if (!rising) throw new BadOptions(`--orders must rise, not ${JSON.stringify(list)}`);
  return sizes;
}

/** Pairs are what a commit is given for, and are not measured without one unless they are asked for. */
function partsOf(only: string | undefined, against: string | undefined): readonly PartName[] {
  if (only !== undefined) return readParts(only);
  return against === undefined ? partNames.filter((name) => name !== 'pairs') : ['pairs'];
}
