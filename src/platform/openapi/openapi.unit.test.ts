import { orderHttp } from '../../orders/http/order-endpoints.ts';
import { openapi } from './openapi.ts';

const { api: orderApi } = orderHttp();

interface Schema {
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  const?: string;
  $ref?: string;
  oneOf?: { $ref: string }[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
}

const document = JSON.parse(JSON.stringify(openapi(orderApi))) as {
  info: { description: string };
  components: { schemas: Record<string, Schema> };
};
const { schemas } = document.components;
const named = (name: string): Schema | undefined => schemas[name.replace('#/components/schemas/', '')];
const bodies = Object.entries(schemas).flatMap(([name, { properties }]) => {
  const error = properties?.['errors']?.items;
  return error ? [[name, error] as const] : [];
});

test.each(bodies)('When %s has an error, then its schema is that of its one code', (_, error) => {
  const { oneOf = [error], discriminator } = error;
  const codes = oneOf.map(({ $ref = '' }) => [named($ref)?.properties?.['code']?.const, $ref]);
  expect(codes.length).toBeGreaterThan(0);
  for (const [code] of codes) expect(code).toMatch(/^[a-z_]+$/);
  const wanted = { propertyName: 'code', mapping: Object.fromEntries(codes) as Record<string, string> };
  expect(discriminator).toEqual(codes.length > 1 ? wanted : undefined);
});

test('When a purchase is refused, then the schema of each reason has what comes with it, and no more', () => {
  const fieldsOf = (name: string) => Object.keys(named(name)?.properties ?? {});
  expect(named('TicketReservedError')?.required).toEqual(['message', 'code', 'availableAt']);
  expect(fieldsOf('TicketReservedError')).toEqual(['message', 'code', 'availableAt', 'orderId']);
  expect(fieldsOf('TicketSoldError')).toEqual(['message', 'code', 'orderId']);
  expect(named('TooManyPendingError')?.required).toEqual(['message', 'code', 'availableAt']);
});
