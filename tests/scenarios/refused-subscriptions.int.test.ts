import { startBrokerProxy } from '../support/broker-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService, testConfig } from '../support/running-service.ts';

test('When the broker refuses a subscription, then the service stays ready and names it until it is allowed', async () => {
  const config = testConfig();
  const proxy = await startBrokerProxy(config.nats.url);
  // Names with two dots in a row are invalid; the length stays, since the requests state it.
  proxy.rewrite((sent) => sent.replaceAll('payment:created', 'payment...eated'));
  const { url } = await startTestService({ ...config, nats: { ...config.nats, url: proxy.url } });
  const ready = async () => {
    const answer = await fetch(`${url}/readyz`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  await eventually(async () => 'refusedSubscriptions' in (await ready()).body);
  expect(await ready()).toEqual({
    status: 200,
    body: { status: 'ready', database: 'up', broker: 'up', refusedSubscriptions: ['payment:created'] },
  });
  proxy.rewrite((sent) => sent);
  await eventually(async () => !('refusedSubscriptions' in (await ready()).body), { withinMs: 20_000 });
  expect(await ready()).toMatchObject({ status: 200, body: { status: 'ready', broker: 'up' } });
}, 40_000);
