import type { Express } from 'express';
import helmet from 'helmet';
import { fixedResponse } from '../http/fixed-response.ts';
import { docsPage } from './docs-page.ts';
import { openapi } from './openapi.ts';
import type { Operation } from './operation.ts';

const documentPath = '/api/orders/openapi.json';
const pagePath = '/api/orders/docs';

/**
 * Like helmet's own, but the page may load nothing from anywhere else, and a page that came over http is not told
 * to load the rest over https, where a developer's machine has none. Swagger UI sets styles in elements.
 */
const pagePolicy = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/**
 * The API's description, for everybody: the OpenAPI document and a page to read it on. Both are made once. They
 * lie where an order's id would, so these routes come before those of the orders.
 */
export async function apiDescriptionRoutes(
  operations: readonly Operation[],
): Promise<(app: Express) => void> {
  const document = fixedResponse({ type: 'json', text: JSON.stringify(openapi(operations)) });
  const files = await docsPage(pagePath, documentPath);
  const responses = Object.entries(files).map(([path, file]) => [path, fixedResponse(file)] as const);
  return (app) => {
    // Seen from there, the relative paths of the page would be wrong.
    app.get(pagePath, (req, res, next) => (req.path.endsWith('/') ? res.redirect(308, '../docs') : next()));
    app.get(documentPath, document);
    for (const [path, file] of responses) app.get(path, pagePolicy, file);
  };
}
