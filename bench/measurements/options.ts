import { BadOptions, parseOptions, whole } from '../../dev/command-options.ts';
import { readInFlight, readSettings, readSizes } from './option-values.ts';

export const measurementNames = [
  'requests',
  'replication',
  'relay',
  'events',
  'spacing',
  'growth',
  'cost',
  'gaps',
  'overload',
  'pairs',
] as const;
export type MeasurementName = (typeof measurementNames)[number];

export interface Options {
  measurements: readonly MeasurementName[];
  /** How many times everything is measured. */
  rounds: number;
  /** The first round: 0 is a warm-up whose figures are dropped, 1 has no warm-up. */
  firstRound: 0 | 1;
  /** The requests, or operations, of a measurement. */
  requests: number;
  /** How many of these are in flight at a time, each number in turn. */
  inFlight: readonly number[];
  /** The same where the time until an event is measured. */
  eventsInFlight: readonly number[];
  /** The ticket events that are replicated. */
  events: number;
  /** The numbers of stored orders whose effect is measured, the smallest first. */
  orders: readonly number[];
  /** The buyers that have 30 orders each, and read them. */
  viewers: number;
  /** The requests of a measurement while the number of stored orders grows. */
  growthRequests: number;
  /** The requests that are sent one by one, where the cost of each is counted. */
  alone: number;
  /** The orders that are placed before the memory is measured. */
  memoryOrders: number;
  /** How long the load lasts after which the memory is measured, in seconds. */
  loadSeconds: number;
  /** The buyers that come at once, each number in turn; the others are compared with the first. */
  crowds: readonly number[];
  /** How long each crowd sends requests, in seconds. */
  crowdSeconds: number;
  json?: string;
  charts?: string;
  /** The commit whose build this one is compared with. */
  against?: string;
  /** The settings with which this build is compared with itself. */
  settings?: Readonly<Record<string, string>>;
  /** The folder for the service's CPU profiles. */
  profile?: string;
}

export const usage = `usage: npm run bench [-- OPTION…]
  --quick           small numbers, about three minutes: shows that it works, its figures say little
  --only NAMES      some of ${measurementNames.join(', ')}; separated by commas
  --rounds N        how many times everything is measured, after a round to warm up, 1 to 100 (5)
  --requests N      requests in a measurement, 128 to 1000000 (3000)
  --in-flight N,N…  how many requests are in flight, each number in turn, 1 to 1024 (32,128; events also 256)
  --events N        ticket events to be replicated, 100 to 1000000 (50000)
  --orders N,N…     stored orders, the smallest number first, 100 to 10000000 (1000,100000,1000000)
  --load-seconds N  load before the memory is measured, 1 to 36000 (600)
  --against COMMIT  pairs: this build, once more as a control, and the build of a commit, in turn; events and
                    overload: that build, too
  --with NAME=VALUE pairs: this build with this setting, too; may be given several times
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
  with: { type: 'string', multiple: true },
  json: text,
  charts: text,
  profile: text,
} as const;

/** The values of a run where its options do not set others. */
interface Preset {
  /** What options can change, in their form. */
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
    measurements: selectMeasurements(given.only, against ?? given.with?.[0]),
    rounds: whole('rounds', given.rounds ?? fallback.rounds, 1, 100),
    // As many as are in flight at once, at least.
    requests: whole('requests', given.requests ?? fallback.requests, 128, 1_000_000),
    events: whole('events', given.events ?? fallback.events, 100, 1_000_000),
    orders: readSizes(given.orders ?? fallback.orders),
    loadSeconds: whole('load-seconds', given['load-seconds'] ?? fallback.load, 1, 36_000),
    ...(against !== undefined && { against }),
    ...(given.with && { settings: readSettings(given.with) }),
    ...(json !== undefined && { json }),
    ...(charts !== undefined && { charts }),
    ...(profile !== undefined && { profile }),
  };
}

function readNames(list: string): MeasurementName[] {
  const names = list.split(',').map((name) => name.trim());
  return names.map((name) => {
    const known = measurementNames.find((one) => one === name);
    if (known) return known;
    throw new BadOptions(`--only knows ${measurementNames.join(', ')}, not ${JSON.stringify(name)}`);
  });
}

/**
 * Without `--only`, something to compare this build with (a commit or settings) selects `pairs` alone; without either,
 * everything but `pairs` is measured.
 */
function selectMeasurements(
  only: string | undefined,
  compared: string | undefined,
): readonly MeasurementName[] {
  if (only !== undefined) return readNames(only);
  return compared === undefined ? measurementNames.filter((name) => name !== 'pairs') : ['pairs'];
}
