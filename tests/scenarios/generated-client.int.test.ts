import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { atEnd } from '../support/at-end.ts';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { startOrdersApi } from '../support/orders-api.ts';
import { runProgram } from '../support/run-program.ts';

/** What a client developer would write. It is type-checked against the client, and then run. */
const shopping = `
import { Api, OrderStatus, type NotAvailable, type Order, type OrderWithHistory } from './orders-client.js';

type Equal<A, B> = [A, B] extends [B, A] ? true : false;
const priceIsANumber: Equal<Order['ticket']['price'], number> = true;
const historyIsKnown: Equal<OrderWithHistory['history'][number]['status'], OrderStatus> = true;
type HttpError<Code> = Extract<NotAvailable['errors'][number], { code: Code }>;
const timeIsKnown: Equal<HttpError<'ticket_reserved' | 'cooldown' | 'too_many_pending'>['availableAt'], string> = true;
const ownOrderIsKnown: Equal<HttpError<'ticket_sold'>['orderId'], string | undefined> = true;
const codesAreKnown: Equal<NotAvailable['errors'][number]['code'], 'ticket_reserved' | 'ticket_sold' | 'cooldown' | 'too_many_pending'> = true;
// @ts-expect-error: a purchase needs a ticket
const incomplete: Parameters<Api<unknown>['api']['placeOrder']>[0] = {};

export async function shop(baseUrl: string, session: Record<string, string>, ticketId: string) {
  const { api } = new Api({ baseUrl, securityWorker: () => ({ headers: session }) });
  const { data: placed, status } = await api.placeOrder({ ticketId }, { headers: { 'Idempotency-Key': 'mine' } });
  const { data: shown } = await api.showOrder(placed.id);
  const { data: listed } = await api.listOrders({ limit: 10, status: OrderStatus.Pending });
  const refused = await api.placeOrder({ ticketId }).catch(({ status, error }) => ({ status, error }));
  const { data: cancelled } = await api.cancelOrder(placed.id, { status: 'cancelled' });
  const { status: deleted } = await api.deleteOrder(placed.id);
  return { status, placed, shown, listed, refused, cancelled, deleted };
}
`;

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  types: [],
};

/** The client's folder, with the code that uses it, as JavaScript too. */
async function generate(serviceUrl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-client-'));
  atEnd(() => rm(folder, { recursive: true }));
  const document = join(folder, 'openapi.json');
  await writeFile(document, await (await fetch(`${serviceUrl}/api/orders/openapi.json`)).text());
  const generator = ['node_modules/swagger-typescript-api/dist/cli.mjs', 'generate', '--path', document];
  const generated = await runProgram([
    ...generator,
    '--output',
    folder,
    '--name',
    'orders-client.ts',
    '--silent',
  ]);
  expect(generated).toMatchObject({ exitCode: 0 });
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}');
  await writeFile(join(folder, 'shopping.ts'), shopping);
  // The generator switches the check of its file off; what it makes of this document is to hold all the same.
  const client = join(folder, 'orders-client.ts');
  await writeFile(client, (await readFile(client, 'utf8')).replace('// @ts-nocheck', ''));
  return folder;
}

function compile(folder: string): string[] {
  const program = ts.createProgram([join(folder, 'shopping.ts')], options);
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}

interface Shopping {
  shop(baseUrl: string, session: Record<string, string>, ticketId: string): Promise<Record<string, unknown>>;
}

test('When a client is generated from the document, then it compiles, places an order, shows, lists and cancels it', async () => {
  const { service, database } = await startOrdersApi();
  const folder = await generate(service.url);
  expect(compile(folder)).toEqual([]);
  const { shop } = createRequire(join(folder, 'shopping.js'))('./shopping.js') as Shopping;

  const ticketId = await storeTicket(database, { price: 12.5 });
  const result = await shop(service.url, signedIn(), ticketId);
  const order = { ticketId, status: 'pending', version: 0, ticket: { id: ticketId, price: 12.5 } };
  expect(result).toMatchObject({
    status: 201,
    placed: order,
    shown: { ...order, history: [{ status: 'pending', cause: 'buyer' }] },
    listed: [order],
    refused: { status: 409, error: { errors: [{ code: 'ticket_reserved' }] } },
    cancelled: { status: 'cancelled', version: 1 },
    deleted: 204,
  });
}, 120_000);
