import type { Environment } from '../environment/environment.ts';
import type { MeasuredProcess } from '../environment/measured-process.ts';
import { makeBuyers } from '../fixtures/buyers.ts';
import { storeOrders } from '../fixtures/orders.ts';
import { type Figure, type Measured, type Ratio, ratio } from '../report/figures.ts';
import { createRecorder } from '../report/recorder.ts';
import { measureScenario } from '../scenarios/measure-scenario.ts';
import {
  cancel,
  hotTicket,
  list,
  place,
  placeWithKey,
  type Scenario,
  type SeededService,
  show,
} from '../scenarios/request-scenarios.ts';
import type { Options } from './options.ts';
import { type Round, rotated, roundsOf } from './rounds.ts';

interface Case {
  scenario: Scenario;
  inFlight: number;
}

const hotBuyers = 256;
const casesOf = ({ inFlight }: Options): Case[] => [
  ...inFlight.flatMap((count) =>
    [place, show, list, cancel].map((scenario) => ({ scenario, inFlight: count })),
  ),
  { scenario: placeWithKey, inFlight: 32 },
  // All buyers at once; and what other requests come to then.
  { scenario: show, inFlight: hotBuyers },
  { scenario: hotTicket, inFlight: hotBuyers },
];
const caseName = ({ scenario, inFlight }: Case) => `${scenario.name}, ${inFlight} in flight`;

const perSecond = 'a second';
const [p50, p99, cpu] = ['p50 ms', 'p99 ms', 'CPU ms each'];
const [insertOne, emptyRouteName] = ["the driver's insertOne", 'an empty route'];

/** What is measured in turn: both services and the limits. */
interface Compared {
  environment: Environment;
  services: SeededService[];
  emptyRoute: MeasuredProcess;
  insertUri: string;
}

interface CaseRound extends Round, Case {
  requests: number;
}

/** Requests of every kind: the candidate, the baseline and the limits in turn, in every round. */
export async function measureRequests(environment: Environment, options: Options): Promise<Measured> {
  const compared = await startAll(environment, options);
  const cases = casesOf(options);
  const total = createRecorder();
  for (const round of roundsOf(options, total)) {
    for (const one of cases) {
      // No fewer than are in flight: a hot ticket has that many buyers.
      const requests = Math.max(options.requests, one.inFlight);
      await measureCase(compared, { ...round, ...one, requests });
    }
  }
  await Promise.all([...compared.services.map(({ service }) => service.stop()), compared.emptyRoute.stop()]);
  return { figures: total.figures(), ratios: ratios(cases, total.figures()) };
}

async function startAll(environment: Environment, options: Options): Promise<Compared> {
  // The same buyers for both services.
  const buyers = makeBuyers(500, environment.jwtKey);
  const viewers = makeBuyers(options.viewers, environment.jwtKey);
  const services: SeededService[] = [];
  for (const service of [await environment.startCandidate('candidate'), await environment.startBaseline()]) {
    const orders = await storeOrders(service, { buyers: viewers, each: 30 });
    services.push({ service, buyers, viewers, orders });
  }
  const { uri } = await environment.createDatabase('limit');
  return { environment, services, emptyRoute: await environment.startEmptyRoute(), insertUri: uri };
}

async function measureCase(compared: Compared, round: CaseRound): Promise<void> {
  const { scenario } = round;
  const measurements = compared.services.map((seeded) => () => measureService(compared, seeded, round));
  if (scenario === place) measurements.push(() => measureInserts(compared, round));
  if (scenario === show) measurements.push(() => measureEmptyRoute(compared, round));
  for (const measure of rotated(measurements, round)) await measure();
}

async function measureService(
  { environment }: Compared,
  seeded: SeededService,
  round: CaseRound,
): Promise<void> {
  const { scenario, inFlight, requests: amount, recorder } = round;
  const result = await measureScenario(environment, seeded, { scenario, inFlight, amount });
  const labels = { what: caseName(round), who: seeded.service.name };
  recorder.record({ ...labels, unit: perSecond }, result.perSecond);
  recorder.record({ ...labels, unit: p50 }, result.p50);
  recorder.record({ ...labels, unit: p99 }, result.p99);
  recorder.record({ ...labels, unit: cpu }, result.cpuMsEach);
  if (scenario !== hotTicket) return;
  recorder.record({ ...labels, unit: 'sales of the ticket' }, result.statuses[201] ?? 0);
}

async function measureInserts({ environment, insertUri: uri }: Compared, round: CaseRound): Promise<void> {
  const { inFlight, requests: amount, recorder } = round;
  const rate = await environment.jobWorker.run('insertOrders', { uri, inFlight, amount });
  recorder.record({ what: caseName(round), who: insertOne, unit: perSecond }, rate);
}

async function measureEmptyRoute({ environment, emptyRoute }: Compared, round: CaseRound): Promise<void> {
  const { inFlight, requests: amount, recorder } = round;
  const [buyer] = makeBuyers(1, environment.jwtKey);
  const path = `/api/orders/${buyer?.id}`;
  const request = { method: 'GET', path, cookie: buyer?.cookie ?? '' } as const;
  const requests = Array.from({ length: amount }, () => request);
  const result = await environment.loadGenerator.run('load', { url: emptyRoute.url, inFlight, requests });
  const labels = { what: caseName(round), who: emptyRouteName };
  recorder.record({ ...labels, unit: perSecond }, result.perSecond);
  recorder.record({ ...labels, unit: p50 }, result.p50);
}

function ratios(cases: readonly Case[], figures: readonly Figure[]): Ratio[] {
  const shown = caseName({ scenario: show, inFlight: hotBuyers });
  return cases.flatMap((one) => {
    const rate = { what: caseName(one), who: 'candidate', unit: perSecond };
    const found = [
      ratio(figures, rate, { ...rate, who: 'baseline' }),
      ratio(figures, { ...rate, unit: cpu }, { ...rate, unit: cpu, who: 'baseline' }),
    ];
    if (one.scenario === place) found.push(ratio(figures, rate, { ...rate, who: insertOne }));
    if (one.scenario === show) found.push(ratio(figures, rate, { ...rate, who: emptyRouteName }));
    if (one.scenario === hotTicket) {
      found.push(ratio(figures, rate, { ...rate, what: shown }));
      found.push(ratio(figures, { ...rate, unit: p99 }, { ...rate, unit: p99, what: shown }));
    }
    return found;
  });
}
