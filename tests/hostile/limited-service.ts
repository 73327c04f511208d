import type { Config } from '../../src/config.ts';
import { eventually } from '../support/eventually.ts';
import { testConfig } from '../support/running-service.ts';
import { scrape, sumOf } from '../support/scrape.ts';
import { environmentOf, runService } from '../support/service-process.ts';

/** A service process with the memory that it has where it is deployed. */
export interface LimitedService {
  url: string;
  port: number;
  /** What of its memory is resident at this moment, in megabytes. @throws when it does not say so */
  residentMb(): Promise<number>;
  metric(name: string): Promise<number>;
}

/** What Node gives itself for the heap in a container of 512 MB, the limit of infra/k8s/base/orders.yaml. */
const heapMb = 256;

/** Starts one; it is ended with the test file. Its probes have a port of their own, as in the manifests. */
export async function startLimitedService(overrides: Partial<Config> = {}): Promise<LimitedService> {
  const config = testConfig({ logLevel: 'info', probesPort: 0, ...overrides });
  const args = [`--max-old-space-size=${heapMb}`, '--import', 'tsx', 'src/index.ts'];
  const service = runService(environmentOf(config), { args });
  const url = await service.url();
  let probesPort: unknown;
  await eventually(() => {
    probesPort = service.log().find((line) => line['probesPort'] !== undefined)?.['probesPort'];
    return probesPort !== undefined;
  });
  const metric = async (name: string) => {
    const value = sumOf(await scrape(`http://127.0.0.1:${String(probesPort)}`), name);
    if (value === undefined) throw new Error(`there is no metric ${name}`);
    return value;
  };
  return {
    url,
    port: Number(new URL(url).port),
    residentMb: async () => (await metric('process_resident_memory_bytes')) / 2 ** 20,
    metric,
  };
}
