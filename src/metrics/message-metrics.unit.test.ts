import { Registry } from 'prom-client';
import { receivedSubjects } from './counted-subjects.ts';
import { messageMetrics } from './message-metrics.ts';

const metric = 'orders_messages_redelivered_total';

async function redelivered(registry: Registry): Promise<Record<string, number>> {
  const { values = [] } = (await registry.getSingleMetric(metric)?.get()) ?? {};
  return Object.fromEntries(values.map(({ labels, value }) => [labels['subject'], value]));
}

test('When messages are delivered again, then each delivery but the first counts', async () => {
  const registry = new Registry();
  const { onMessage } = messageMetrics(registry);
  const before = await redelivered(registry);
  expect(before).toEqual(Object.fromEntries(receivedSubjects.map((subject) => [subject, 0])));
  for (const attempt of [1, 2, 3])
    onMessage({ subject: 'payment:created', outcome: 'outage', attempt, seconds: 0.1 });
  onMessage({ subject: 'ticket:created', outcome: 'applied', attempt: 1, seconds: 0.1 });
  expect(await redelivered(registry)).toEqual({ ...before, 'payment:created': 2 });
});
