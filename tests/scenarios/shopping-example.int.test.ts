import { readFile } from 'node:fs/promises';
import express from 'express';
import ts from 'typescript';
import { authRoutes } from '../../dev/stand-ins/auth-routes.ts';
import { startPaymentsService } from '../../dev/stand-ins/payments-service.ts';
import { startTicketsService } from '../../dev/stand-ins/tickets-service.ts';
import { marketRoutes } from '../../dev/storefront/market-routes.ts';
import { proxyTo } from '../../dev/storefront/orders-proxy.ts';
import { listen } from '../../src/platform/http/server.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';
import { runProgram } from '../support/run-program.ts';
import { jwtKey, openDatabase, startTestService, testConfig } from '../support/running-service.ts';

/** The shop of the demo without its pages: one origin for the service and for the stand-ins of the others. */
async function openShop(): Promise<string> {
  const config = testConfig();
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  const onChange = () => undefined;
  const tickets = startTicketsService({ broker: config.nats, changePricesEveryMs: 3_600_000, onChange });
  atEnd(() => tickets.stop());
  const payments = startPaymentsService({ broker: config.nats, refundsTakeMs: 0 });
  atEnd(() => payments.stop());
  const app = express().use('/api/orders', proxyTo(url));
  authRoutes(jwtKey)(app);
  marketRoutes({ jwtKey, tickets, payments })(app);
  const server = await listen(app, 0);
  atEnd(() => server.stop());
  const first = tickets.list()[0]?.title;
  await eventually(async () => (await database.collection('tickets').findOne({ title: first })) !== null);
  return `http://127.0.0.1:${server.port}`;
}

test('When the example is run against the shop of the demo, then it signs in, buys a ticket and lists it', async () => {
  const { exitCode, output } = await runProgram([
    '--import',
    'tsx',
    'examples/buy-ticket.ts',
    await openShop(),
  ]);
  // A busy machine may take seconds from the order to its answer.
  expect(output).toMatch(
    /^Chamber music at noon: held for (900|8\d\d) s, 20 to pay\nChamber music at noon: paid\nyours: Chamber music at noon\n$/,
  );
  expect(exitCode).toBe(0);
}, 60_000);

test('When the service is described in another way, then the types of the example have been made again', async () => {
  const { output } = await runProgram(['--import', 'tsx', 'dev/client-types.ts']);
  // Otherwise: npm run client-types
  expect(await readFile('examples/orders-api.ts', 'utf8')).toBe(output);
}, 60_000);

test("When the client is compiled for a browser, strictly and without Node's types, then there is no error", () => {
  const program = ts.createProgram(['examples/orders-client.ts'], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: [],
  });
  const problems = ts.getPreEmitDiagnostics(program);
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
});
