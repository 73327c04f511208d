import { type BrokerUnderTest, connectedClient, kinds, type TriedBroker } from './broker-under-test.ts';
import { loginCases } from './login-cases.ts';
import { outageCases } from './outage-cases.ts';
import { publishingCases } from './publishing-cases.ts';
import { receivingCases } from './receiving-cases.ts';
import { replayCases } from './replay-cases.ts';
import { stoppingCases } from './stopping-cases.ts';

/** What every adapter must do, against a real server. */
export function brokerCases(kind: keyof typeof kinds): void {
  let broker: BrokerUnderTest;
  beforeAll(async () => {
    broker = await kinds[kind]();
  }, 120_000);
  // Also when a test has failed, or was given up, with a frozen server: all that follow would wait for it in vain.
  afterEach(() => broker.server.resume());
  const tried: TriedBroker = {
    broker: () => broker,
    connect: (options) => connectedClient(broker, options),
  };
  publishingCases(tried);
  receivingCases(tried);
  stoppingCases(tried);
  replayCases(tried);
  outageCases(tried);
  loginCases(kind);
}
