/**
 * The tests that are run on each release of Node.js, as Jest takes them: parts of paths. They are what a release of Node.js
 * can break, and take no longer than that is worth.
 */
export const partOfTests = [
  // The built process: its start, its signals, its answers until the end.
  'tests/scenarios/shutdown.int',
  // HTTP as Node parses, limits and closes it; streams, cookies, headers.
  'src/platform/http/app.int',
  'src/platform/http/server.int',
  'src/platform/http/in-flight',
  'src/platform/http/session-cookies.int',
  'src/orders/http/place-order',
  // The client of the database, its sockets and deadlines.
  'src/platform/mongo/connection-pool',
  'src/platform/mongo/fail-fast',
  // Whole orders on either broker, and a broker that is lost.
  'src/service.int',
  'tests/scenarios/takeover.int',
  'tests/scenarios/jetstream.int',
  'tests/scenarios/broker-loss.int',
  // That it is this release.
  'tests/infra/node-versions.unit',
];
