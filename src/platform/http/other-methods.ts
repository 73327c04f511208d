import type { Express, RequestHandler } from 'express';
import { methodNotAllowed } from './common-errors.ts';
import { allowHeader } from './response-headers.ts';

type Routes = (app: Express) => void;

/**
 * The routes, and a response for each other method of their paths: 204 with `Allow` for OPTIONS, else 405 with `Allow`
 * (https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7 and #section-15.5.6). They come directly after the routes, before
 * later patterns that match the same path.
 */
export function withOtherMethods(routes: Routes): Routes {
  return (app) => {
    const before = app.router.stack.length;
    routes(app);
    for (const [path, methods] of methodsByPath(app, before)) {
      const allow = methods.join(', ').toUpperCase();
      app.route(path).options(listMethods(allow)).all(refuseMethod(allow));
    }
  };
}

/** The methods of the app's routes from this index on, by path. */
function methodsByPath(app: Express, since: number): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { route } of app.router.stack.slice(since)) {
    if (!route) continue;
    const methods = found.get(route.path) ?? new Set();
    found.set(route.path, methods);
    for (const { method } of route.stack) {
      methods.add(method);
      // Express uses the handlers of GET for HEAD.
      if (method === 'get') methods.add('head');
    }
  }
  return new Map([...found].map(([path, methods]) => [path, [...methods, 'options'].toSorted(byName)]));
}

function listMethods(allow: string): RequestHandler {
  return (_req, res) => {
    res.status(204).set(allowHeader.name, allow).end();
  };
}

function refuseMethod(allow: string): RequestHandler {
  return (req) => {
    throw methodNotAllowed.error({ method: req.method, allow });
  };
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1;
}
