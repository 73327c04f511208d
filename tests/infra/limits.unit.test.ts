import { z } from 'zod';
import { readConfig } from '../../src/config.ts';
import { renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';
import { containerOf, valuesOf, workloadNamed } from './workloads.ts';

const annotated = z.looseObject({ annotations: z.record(z.string(), z.string()).default({}) });

describe('When the production overlay is applied', () => {
  const manifests = renderOverlay('prod');
  const values = valuesOf(containerOf(workloadNamed('orders', manifests)));

  test('then one buyer can hold 4 tickets and ask for 30 a minute, and only the ingress’s network is believed', () => {
    const secret = { JWT_KEY: 'from a secret', NATS_CLIENT_ID: 'from-the-pod' };
    const config = readConfig({ ...values, ...secret });
    expect(config).toMatchObject({ maxPendingOrdersPerUser: 4, rateLimitPerMinute: 30 });
    // A number of proxies would believe whatever comes first; everybody's network would believe everybody.
    expect(config.trustProxy).toEqual([expect.stringMatching(/^10\.\d+\.0\.0\/16$/)]);
  });

  test('then the ingress bounds the requests and the connections of an address', () => {
    const [ingress] = manifests.filter(({ kind }) => kind === 'Ingress');
    const prefix = 'nginx.ingress.kubernetes.io';
    expect(annotated.parse(ingress?.metadata).annotations).toEqual({
      [`${prefix}/limit-rps`]: '50',
      [`${prefix}/limit-burst-multiplier`]: '5',
      [`${prefix}/limit-connections`]: '100',
    });
  });
});

test('When the ingress refuses, then deploy.md says with which status it is to, and that the body is not the contract’s', () => {
  const limits = /^\*\*Limits\.\*\*.*$/m.exec(textOf('docs/deploy.md'))?.[0] ?? '';
  for (const said of ['limit-req-status-code: "429"', 'limit-conn-status-code: "429"', 'HTML', 'TRUST_PROXY'])
    expect(limits).toContain(said);
});

test('When somebody reads how to configure the service, then the limits come first', () => {
  const [, section = ''] = textOf('README.md').split('\n## Configuration\n');
  const beforeTheTable = section.slice(0, section.indexOf('\n| variable'));
  for (const name of ['MAX_PENDING_ORDERS_PER_USER', 'RATE_LIMIT_PER_MINUTE', 'TRUST_PROXY'])
    expect(beforeTheTable).toContain(name);
});
