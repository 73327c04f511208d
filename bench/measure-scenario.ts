import type { LoadResult } from './run/load.ts';
import type { Cast, Scenario } from './scenarios.ts';
import { settled } from './settled.ts';
import type { Stage } from './stage.ts';

export interface ScenarioLoad {
  scenario: Scenario;
  inFlight: number;
  /** How many requests. */
  amount: number;
}

/**
 * Sends a scenario's requests to a service, and resolves with how it went and with the CPU time of each request, in
 * milliseconds.
 *
 * @throws when a request is not answered as it should be
 */
export async function measureScenario(
  stage: Stage,
  cast: Cast,
  { scenario, inFlight, amount }: ScenarioLoad,
): Promise<LoadResult & { cpuMsEach: number }> {
  const { contestant } = cast;
  const requests = await scenario.prepare(cast, amount);
  const before = await contestant.process.usage();
  const { url } = contestant.process;
  const result = await stage.generator.ask('load', { url, inFlight, requests });
  const complaint = scenario.complaint(contestant.name, result.statuses, amount);
  if (complaint) throw new Error(`${scenario.name} of ${contestant.name}: ${complaint}`);
  // What the service has put off until after its answers is its work, too.
  await settled(contestant);
  const { cpuMs } = await contestant.process.usage();
  return { ...result, cpuMsEach: (cpuMs - before.cpuMs) / amount };
}
