import type { Environment } from '../environment/environment.ts';
import type { Usage } from '../environment/report-usage.ts';
import { waitForOutboxes } from '../environment/wait-for-outboxes.ts';
import type { LoadResult } from '../jobs/load.ts';
import type { Scenario, SeededService } from './request-scenarios.ts';

export interface ScenarioLoad {
  scenario: Scenario;
  inFlight: number;
  /** How many requests. */
  amount: number;
}

export interface ScenarioResult extends LoadResult {
  /** The CPU time of each request, in milliseconds. */
  cpuMsEach: number;
  /** The database commands of all requests, where the service's commands are counted. */
  commands: Usage['commands'];
}

/**
 * Sends a scenario's requests to a service, and measures until the service has also sent their events.
 *
 * @throws when the responses are not those that the scenario wants
 */
export async function measureScenario(
  environment: Environment,
  seeded: SeededService,
  { scenario, inFlight, amount }: ScenarioLoad,
): Promise<ScenarioResult> {
  const { service } = seeded;
  const requests = await scenario.prepare(seeded, amount);
  const before = await service.process.usage();
  const { url } = service.process;
  const result = await environment.loadGenerator.run('load', { url, inFlight, requests });
  const problem = scenario.findProblem(service.name, result.statuses, amount);
  if (problem) throw new Error(`${scenario.name} of ${service.name}: ${problem}`);
  // What the service does after its responses is part of their cost.
  await waitForOutboxes(service);
  const { cpuMs, commands } = await service.process.usage();
  return { ...result, cpuMsEach: (cpuMs - before.cpuMs) / amount, commands };
}
