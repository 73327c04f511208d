import { freePort } from '../../dev/embedded/free-port.ts';
import { startOwnBroker } from '../support/own-broker.ts';
import { connectPeer, testConfig } from '../support/running-service.ts';
import { exportedPages } from './nats-exporter.ts';

let monitoring: string;

beforeAll(async () => {
  const port = await freePort();
  const { url, clusterId } = await startOwnBroker({ login: ['-m', String(port)] });
  const config = testConfig();
  const peer = await connectPeer({ ...config, nats: { ...config.nats, url, clusterId } });
  await peer.publishRaw('ticket:created', Buffer.from('something'));
  monitoring = `http://127.0.0.1:${port}`;
});

/** What a path of the two forms in use finds: `{.field}`, or `{.field[*]}` for each of a list. */
function found(path: string, within: unknown): unknown[] {
  const [, field = '', all] = /^\{\.(\w+)(\[\*\])?\}$/.exec(path) ?? [];
  const value = Object(within)[field] as unknown;
  if (all === undefined) return value === undefined ? [] : [value];
  return Array.isArray(value) ? value : [];
}

test.each(exportedPages())(
  'When the exporter reads $url, then the broker has what it looks for',
  async (page) => {
    const { pathname, search, host } = new URL(page.url);
    expect(host).toBe('nats-srv:8222');
    const answer: unknown = await (await fetch(`${monitoring}${pathname}${search}`)).json();
    for (const { within, fields } of page.metrics.map((metric) => metric.found)) {
      const objects = found(within, answer);
      expect(objects).not.toEqual([]);
      for (const object of objects) for (const field of fields) expect(found(field, object)).toHaveLength(1);
    }
  },
);
