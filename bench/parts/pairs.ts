import { resolve } from 'node:path';
import { type MeasuredBuild, withBuildBefore } from '../build-before.ts';
import { openBook } from '../figures/book.ts';
import { type Figure, type Measured, type Ratio, ratio } from '../figures/figures.ts';
import { roundsOf, turnsOf } from '../figures/rounds.ts';
import { measureScenario } from '../measure-scenario.ts';
import type { Options } from '../options.ts';
import { type Cast, cancel, hotTicket, list, place, show } from '../scenarios.ts';
import type { Stage } from '../stage.ts';
import { makeBuyers } from '../stored/buyers.ts';
import { storeOrders } from '../stored/orders.ts';

const candidate = 'this build';
const scenarios = [place, show, list, cancel, hotTicket];
const [perSecond, p99, cpu] = ['a second', 'p99 ms', 'CPU ms each'];

interface Entrant {
  who: string;
  cast: Cast;
}

/**
 * This build beside the build of a commit, in turn on the same servers, and beside itself: what it differs from itself
 * by is the noise of the machine, and a difference within it says nothing. A hot ticket's requests are refusals but for
 * one.
 */
export async function measurePairs(stage: Stage, options: Options): Promise<Measured> {
  return withBuildBefore(options, async (before) => {
    const entrants = await enter(stage, options, before);
    const kept = openBook();
    for (const round of roundsOf(options, kept)) {
      for (const { scenario, inFlight } of casesOf(options)) {
        const what = `${scenario.name}, ${inFlight} in flight`;
        for (const { who, cast } of turnsOf(entrants, round)) {
          const load = { scenario, inFlight, amount: options.requests };
          const result = await measureScenario(stage, cast, load);
          round.book.add({ what, who, unit: perSecond }, result.perSecond);
          round.book.add({ what, who, unit: p99 }, result.p99);
          round.book.add({ what, who, unit: cpu }, result.cpuMsEach);
        }
      }
    }
    await Promise.all(entrants.map(({ cast }) => cast.contestant.stop()));
    return { figures: kept.figures(), ratios: ratios(entrants, casesOf(options), kept.figures()) };
  });
}

async function enter(stage: Stage, { viewers }: Options, before: MeasuredBuild[]): Promise<Entrant[]> {
  const entry = resolve('dist/index.js');
  const buyers = makeBuyers(500, stage.jwtKey);
  const owners = makeBuyers(viewers, stage.jwtKey);
  const entrants: Entrant[] = [];
  for (const build of [{ who: candidate, entry }, { who: 'this build again', entry }, ...before]) {
    const contestant = await stage.ours(`pairs-${entrants.length}`, build);
    const orders = await storeOrders(contestant, { buyers: owners, each: 30 });
    entrants.push({ who: build.who, cast: { contestant, buyers, viewers: owners, orders } });
  }
  return entrants;
}

const casesOf = ({ inFlight }: Options) =>
  inFlight.flatMap((some) => scenarios.map((scenario) => ({ scenario, inFlight: some })));

function ratios(
  entrants: readonly Entrant[],
  cases: ReturnType<typeof casesOf>,
  figures: readonly Figure[],
): Ratio[] {
  const others = entrants.map(({ who }) => who).filter((who) => who !== candidate);
  return cases.flatMap(({ scenario, inFlight }) =>
    [perSecond, cpu].flatMap((unit) => {
      const ours = { what: `${scenario.name}, ${inFlight} in flight`, who: candidate, unit };
      return others.map((who) => ratio(figures, ours, { ...ours, who }));
    }),
  );
}
