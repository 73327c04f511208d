import { posix } from 'node:path';
import type { Express } from 'express';
import helmet from 'helmet';
import { fixedResponse } from '../http/fixed-response.ts';
import { docsPage } from './docs-page.ts';
import { type Api, openapi } from './openapi.ts';

/**
 * Like helmet's own, but the page may load nothing from another host, and a page that came over http need not load the rest
 * over https, which a developer's machine does not serve. Swagger UI sets styles in elements.
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
 * The API's description, without a session: the OpenAPI document and a page for reading it. Both are made once. If their
 * paths match a pattern of the API's own routes, these routes must come first.
 */
export async function apiDescriptionRoutes(api: Api): Promise<(app: Express) => void> {
  const { pagePath, documentPath } = api;
  const document = fixedResponse({ type: 'json', text: JSON.stringify(openapi(api)) });
  const files = await docsPage(api);
  const responses = Object.entries(files).map(([path, file]) => [path, fixedResponse(file)] as const);
  return (app) => {
    // With a slash at the end, the relative paths of the page would be wrong.
    app.get(pagePath, (req, res, next) =>
      req.path.endsWith('/') ? res.redirect(308, `../${posix.basename(pagePath)}`) : next(),
    );
    app.get(documentPath, document);
    for (const [path, file] of responses) app.get(path, pagePolicy, file);
  };
}
