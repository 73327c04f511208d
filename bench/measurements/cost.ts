import type { Environment } from '../environment/environment.ts';
import type { Measured } from '../report/figures.ts';
import { createRecorder, type Recorder } from '../report/recorder.ts';
import { measureScenario, type ScenarioLoad } from '../scenarios/measure-scenario.ts';
import {
  cancel,
  hotTicket,
  list,
  place,
  type Scenario,
  type SeededService,
  show,
} from '../scenarios/request-scenarios.ts';
import { seedService } from '../scenarios/seed-service.ts';
import type { Options } from './options.ts';

const underLoad = 128;
const scenarios: Scenario[] = [place, show, list, cancel, hotTicket];

/** What a request costs: database commands, and memory of the service. */
export async function measureCost(environment: Environment, options: Options): Promise<Measured> {
  const recorder = createRecorder();
  const counts = { buyers: 500, viewers: options.viewers };
  const monitored = await environment.startCandidate('counted', { countCommands: true });
  const counted = await seedService(environment, monitored, counts);
  for (const scenario of scenarios) {
    const [alone, together] = [options.alone, options.requests];
    await countCommands(environment, counted, { scenario, inFlight: 1, amount: alone }, recorder);
    await countCommands(environment, counted, { scenario, inFlight: underLoad, amount: together }, recorder);
  }
  await monitored.stop();

  // Counting commands changes how the driver works, so memory is measured in another process.
  const unmonitored = await environment.startCandidate('loaded');
  const loaded = await seedService(environment, unmonitored, counts);
  await measureMemory(environment, loaded, { options, recorder });
  await unmonitored.stop();
  return { figures: recorder.figures(), ratios: [] };
}

async function countCommands(
  environment: Environment,
  seeded: SeededService,
  load: ScenarioLoad,
  recorder: Recorder,
): Promise<void> {
  const { scenario, inFlight, amount } = load;
  const { commands } = await measureScenario(environment, seeded, load);
  const labels = { what: `${scenario.name}, ${inFlight} in flight`, who: 'candidate' };
  recorder.record(
    { ...labels, unit: 'database commands each, all loops included' },
    commands.length / amount,
  );
  const cleanUps = commands.filter(({ name }) => name === 'update').length;
  if (scenario !== place || cleanUps === 0) return;
  recorder.record({ ...labels, unit: 'orders for each clean-up of outboxes' }, amount / cleanUps);
}

async function measureMemory(
  environment: Environment,
  seeded: SeededService,
  { options, recorder }: { options: Options; recorder: Recorder },
): Promise<void> {
  const recordMemory = async (when: string) => {
    const { residentMb } = await seeded.service.process.usage();
    recorder.record({ what: `memory ${when}`, who: 'candidate', unit: 'MB' }, residentMb);
  };
  await recordMemory('at the start');
  const orders = options.memoryOrders;
  const amount = Math.min(orders, 1_000);
  const run = (scenario: Scenario) =>
    measureScenario(environment, seeded, { scenario, inFlight: underLoad, amount });
  for (let placed = 0; placed < orders; placed += amount) await run(place);
  await recordMemory(`after ${orders.toLocaleString('en-US')} orders`);
  const end = performance.now() + options.loadSeconds * 1_000;
  while (performance.now() < end) {
    for (const scenario of scenarios) await run(scenario);
  }
  await recordMemory(`after ${options.loadSeconds} s more of all requests`);
}
