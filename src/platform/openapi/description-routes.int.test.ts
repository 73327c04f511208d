import express from 'express';
import { type OrdersApi, startOrdersApi } from '../../../tests/support/orders-api.ts';
import { orderHttp } from '../../orders/http/order-endpoints.ts';
import { withOtherMethods } from '../http/other-methods.ts';

const { api: orderApi, routes: orderRoutes } = orderHttp();

let api: OrdersApi;
beforeAll(async () => {
  api = await startOrdersApi();
});

/** The routes that an app has been given, as `get /path`; what answers every other method has none. */
function routesOf(give: (app: express.Express) => void): string[] {
  const app = express();
  give(app);
  return app.router.stack.flatMap(({ route }) =>
    route ? route.stack.flatMap(({ method }) => (method ? `${method} ${route.path}` : [])) : [],
  );
}

test('When the orders have a route, then it is described, and nothing else is', () => {
  // The rest of the parts is used when a request comes.
  const parts = { purchaseLimit: [] } as Partial<Parameters<typeof orderRoutes>[0]> as Parameters<
    typeof orderRoutes
  >[0];
  const described = orderApi.operations.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(described)).toEqual(new Set(routesOf(withOtherMethods(orderRoutes(parts)))));
});

test('When anybody asks for the document, then it comes as JSON, and its server is wherever it came from', async () => {
  const { body } = await api.http
    .get('/api/orders/openapi.json')
    .expect(200)
    .expect('Content-Type', 'application/json; charset=utf-8');
  expect(body).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./), servers: [{ url: '../..' }] });
  const paths = ['/api/orders', '/api/orders/{orderId}', '/api/orders/{orderId}/extension'];
  expect(Object.keys(body.paths)).toEqual(paths);
});

test('When anybody asks for the page, then all that it loads comes from the service, and no script is in it', async () => {
  const { text, headers } = await api.http
    .get('/api/orders/docs')
    .expect(200)
    .expect('Content-Type', /^text\/html/);
  expect(text).not.toMatch(/<script(?![^>]+src=)|<style| style=| on\w+=/);
  expect(headers['content-security-policy']).toContain("default-src 'none';script-src 'self'");
  const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(loaded).toEqual([
    'data:,',
    ...['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'].map((name) => `docs/${name}`),
  ]);
  for (const path of loaded.slice(1)) {
    const file = await api.http
      .get(`/api/orders/${path}`)
      .expect(200)
      .expect('Content-Type', /^text\/(css|javascript)/);
    expect(file.text).not.toContain('sourceMappingURL');
  }
});

test('When the page is asked for as a folder, then the way to it is relative, too', async () => {
  await api.http.get('/api/orders/docs/').expect(308).expect('Location', '../docs');
});

test.each(['/api/orders/openapi.json', '/api/orders/docs', '/api/orders/docs/swagger-ui-bundle.js'])(
  'When %s is asked for, then who has its bytes already is told so',
  async (path) => {
    const { headers } = await api.http.get(path).expect(200).expect('Cache-Control', 'public, max-age=3600');
    expect(headers['etag']).toMatch(/^"[\w-]{43}"$/);
    const again = await api.http.get(path).set('If-None-Match', String(headers['etag'])).expect(304);
    expect(again.text).toBe('');
    await api.http.get(path).set('If-None-Match', '"another"').expect(200);
  },
);
