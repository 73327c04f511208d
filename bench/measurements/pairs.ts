import { resolve } from 'node:path';
import { type MeasuredBuild, withEarlierBuild } from '../environment/earlier-build.ts';
import type { Environment } from '../environment/environment.ts';
import { makeBuyers } from '../fixtures/buyers.ts';
import { storeOrders } from '../fixtures/orders.ts';
import { type Figure, type Measured, type Ratio, ratio } from '../report/figures.ts';
import { createRecorder } from '../report/recorder.ts';
import { measureScenario } from '../scenarios/measure-scenario.ts';
import { cancel, hotTicket, list, place, type SeededService, show } from '../scenarios/request-scenarios.ts';
import type { Options } from './options.ts';
import { rotated, roundsOf } from './rounds.ts';

const thisBuild = 'this build';
const scenarios = [place, show, list, cancel, hotTicket];
const [perSecond, p99, cpu] = ['a second', 'p99 ms', 'CPU ms each'];

interface SeededBuild {
  who: string;
  seeded: SeededService;
}

/**
 * This build beside the build of a commit, in turn on the same servers, and beside itself: what it differs from itself
 * by is the noise of the machine, and a difference within it says nothing. With `options.settings` this build runs once
 * more, with these. All requests for the hot ticket are refused but one.
 */
export async function measurePairs(environment: Environment, options: Options): Promise<Measured> {
  return withEarlierBuild(options, async (earlier) => {
    const builds = await startBuilds(environment, options, earlier);
    const total = createRecorder();
    for (const round of roundsOf(options, total)) {
      for (const { scenario, inFlight } of casesOf(options)) {
        const what = `${scenario.name}, ${inFlight} in flight`;
        for (const { who, seeded } of rotated(builds, round)) {
          const load = { scenario, inFlight, amount: options.requests };
          const result = await measureScenario(environment, seeded, load);
          round.recorder.record({ what, who, unit: perSecond }, result.perSecond);
          round.recorder.record({ what, who, unit: p99 }, result.p99);
          round.recorder.record({ what, who, unit: cpu }, result.cpuMsEach);
        }
      }
    }
    await Promise.all(builds.map(({ seeded }) => seeded.service.stop()));
    return { figures: total.figures(), ratios: ratios(builds, casesOf(options), total.figures()) };
  });
}

async function startBuilds(
  environment: Environment,
  options: Options,
  earlier: MeasuredBuild[],
): Promise<SeededBuild[]> {
  const entry = resolve('dist/index.js');
  const { settings } = options;
  const withSettings = settings ? [{ who: 'this build with settings', entry, settings }] : [];
  // The same buyers for all builds.
  const buyers = makeBuyers(500, environment.jwtKey);
  const viewers = makeBuyers(options.viewers, environment.jwtKey);
  const builds: SeededBuild[] = [];
  for (const build of [
    { who: thisBuild, entry },
    { who: 'this build again', entry },
    ...withSettings,
    ...earlier,
  ]) {
    const service = await environment.startCandidate(`pairs-${builds.length}`, build);
    const orders = await storeOrders(service, { buyers: viewers, each: 30 });
    builds.push({ who: build.who, seeded: { service, buyers, viewers, orders } });
  }
  return builds;
}

const casesOf = ({ inFlight }: Options) =>
  inFlight.flatMap((count) => scenarios.map((scenario) => ({ scenario, inFlight: count })));

function ratios(
  builds: readonly SeededBuild[],
  cases: ReturnType<typeof casesOf>,
  figures: readonly Figure[],
): Ratio[] {
  const others = builds.map(({ who }) => who).filter((who) => who !== thisBuild);
  return cases.flatMap(({ scenario, inFlight }) =>
    [perSecond, cpu].flatMap((unit) => {
      const column = { what: `${scenario.name}, ${inFlight} in flight`, who: thisBuild, unit };
      return others.map((who) => ratio(figures, column, { ...column, who }));
    }),
  );
}
