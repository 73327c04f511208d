import type { RequestListener } from 'node:http';
import { malformed } from './common-errors.ts';

/**
 * Sets the path of each request for the app, and refuses a request without one: Express would refuse it with HTML, before
 * the app's handlers.
 */
export function withTarget(app: RequestListener): RequestListener {
  return (req, res) => {
    const target = pathOf(req.url ?? '');
    if (target !== undefined) {
      req.url = target;
      return app(req, res);
    }
    const problem = malformed.problem({ message: 'The target of the request is neither a path nor a URL' });
    const body = JSON.stringify({ errors: [problem] });
    res.writeHead(malformed.status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    });
    res.end(body);
  };
}

/** A target is a path, `*`, or a whole URL (https://www.rfc-editor.org/rfc/rfc9112#section-3.2). */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/') || target === '*') return target;
  if (!/^https?:/i.test(target) || !URL.canParse(target)) return undefined;
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}
