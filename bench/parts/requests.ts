import { openBook } from '../figures/book.ts';
import { type Figure, type Measured, type Ratio, ratio } from '../figures/figures.ts';
import { type Round, roundsOf, turnsOf } from '../figures/rounds.ts';
import { measureScenario } from '../measure-scenario.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import type { Options } from '../options.ts';
import {
  type Cast,
  cancel,
  hotTicket,
  list,
  place,
  placeWithKey,
  type Scenario,
  show,
} from '../scenarios.ts';
import type { Stage } from '../stage.ts';
import { makeBuyers } from '../stored/buyers.ts';
import { storeOrders } from '../stored/orders.ts';

interface Case {
  scenario: Scenario;
  inFlight: number;
}

const hotBuyers = 256;
const casesOf = ({ inFlight }: Options): Case[] => [
  ...inFlight.flatMap((some) =>
    [place, show, list, cancel].map((scenario) => ({ scenario, inFlight: some })),
  ),
  { scenario: placeWithKey, inFlight: 32 },
  // All buyers at once; and what other requests come to then.
  { scenario: show, inFlight: hotBuyers },
  { scenario: hotTicket, inFlight: hotBuyers },
];
const perSecond = 'a second';
const [p50, p99, cpu] = ['p50 ms', 'p99 ms', 'CPU ms each'];

interface Field {
  stage: Stage;
  casts: Cast[];
  emptyRoute: MeasuredProcess;
  insertUri: string;
}

/** Requests of every kind: ours, the usual way and the limits in turn, in every round. */
export async function measureRequests(stage: Stage, options: Options): Promise<Measured> {
  const field = await takePlaces(stage, options);
  const cases = casesOf(options);
  const kept = openBook();
  for (const round of roundsOf(options, kept)) {
    for (const one of cases) {
      // No fewer than are in flight: a hot ticket has that many buyers.
      await measureCase(field, one, { ...round, requests: Math.max(options.requests, one.inFlight) });
    }
  }
  await Promise.all([...field.casts.map(({ contestant }) => contestant.stop()), field.emptyRoute.stop()]);
  return { figures: kept.figures(), ratios: ratios(cases, kept.figures()) };
}

async function takePlaces(stage: Stage, options: Options): Promise<Field> {
  const [buyers, viewers] = [makeBuyers(500, stage.jwtKey), makeBuyers(options.viewers, stage.jwtKey)];
  const casts: Cast[] = [];
  for (const contestant of [await stage.ours('ours'), await stage.usualWay()]) {
    const orders = await storeOrders(contestant, { buyers: viewers, each: 30 });
    casts.push({ contestant, buyers, viewers, orders });
  }
  const { uri } = await stage.database('limit');
  return { stage, casts, emptyRoute: await stage.emptyRoute(), insertUri: uri };
}

interface Turn extends Round {
  requests: number;
}

async function measureCase(field: Field, one: Case, turn: Turn): Promise<void> {
  const what = caseName(one);
  const measures = [
    ...field.casts.map((cast) => () => measureContestant(field, cast, one, turn)),
    ...limitsOf(field, one, { ...turn, what }),
  ];
  for (const measure of turnsOf(measures, turn)) await measure();
}

async function measureContestant(
  { stage }: Field,
  cast: Cast,
  { scenario, inFlight }: Case,
  { requests: amount, book }: Turn,
): Promise<void> {
  const { contestant } = cast;
  const result = await measureScenario(stage, cast, { scenario, inFlight, amount });
  const labels = { what: caseName({ scenario, inFlight }), who: contestant.name };
  book.add({ ...labels, unit: perSecond }, result.perSecond);
  book.add({ ...labels, unit: p50 }, result.p50);
  book.add({ ...labels, unit: p99 }, result.p99);
  book.add({ ...labels, unit: cpu }, result.cpuMsEach);
  if (scenario === hotTicket) book.add({ ...labels, unit: 'sales of the ticket' }, result.statuses[201] ?? 0);
}

function limitsOf(
  { stage, emptyRoute, insertUri }: Field,
  { scenario, inFlight }: Case,
  { requests: amount, book, what }: Turn & { what: string },
): (() => Promise<void>)[] {
  if (scenario === place) {
    return [
      async () => {
        const rate = await stage.helper.ask('insertOrders', { uri: insertUri, inFlight, amount });
        book.add({ what, who: "the driver's insertOne", unit: perSecond }, rate);
      },
    ];
  }
  if (scenario !== show) return [];
  return [
    async () => {
      const [buyer] = makeBuyers(1, stage.jwtKey);
      const request = {
        method: 'GET',
        path: `/api/orders/${buyer?.id}`,
        cookie: buyer?.cookie ?? '',
      } as const;
      const requests = Array.from({ length: amount }, () => request);
      const result = await stage.generator.ask('load', { url: emptyRoute.url, inFlight, requests });
      book.add({ what, who: 'an empty route', unit: perSecond }, result.perSecond);
      book.add({ what, who: 'an empty route', unit: p50 }, result.p50);
    },
  ];
}

const caseName = ({ scenario, inFlight }: Case) => `${scenario.name}, ${inFlight} in flight`;

function ratios(cases: readonly Case[], figures: readonly Figure[]): Ratio[] {
  const shown = `show, ${hotBuyers} in flight`;
  return cases.flatMap((one) => {
    const what = caseName(one);
    const ours = { what, who: 'ours', unit: perSecond };
    const found = [
      ratio(figures, ours, { ...ours, who: 'the usual way' }),
      ratio(figures, { ...ours, unit: cpu }, { ...ours, unit: cpu, who: 'the usual way' }),
    ];
    if (one.scenario === place) found.push(ratio(figures, ours, { ...ours, who: "the driver's insertOne" }));
    if (one.scenario === show) found.push(ratio(figures, ours, { ...ours, who: 'an empty route' }));
    if (one.scenario === hotTicket) {
      found.push(ratio(figures, ours, { ...ours, what: shown }));
      found.push(ratio(figures, { ...ours, unit: p99 }, { ...ours, unit: p99, what: shown }));
    }
    return found;
  });
}
