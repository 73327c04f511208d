import type { Request, RequestHandler } from 'express';
import { crossSite } from './common-errors.ts';
import { bearerToken } from './session.ts';

/** The media types that a form, and so any site, can send without asking: https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** The accepted values of a list of origins, for messages to operators. */
export const originList = 'a list of origins, such as https://shop.example, without a path';

/** The origins in a list, as browsers write them; undefined for a text that is no such list. */
export function readOrigins(list: string): string[] | undefined {
  const origins = list.split(',').map((text) => readOrigin(text.trim()));
  return origins.includes(undefined) ? undefined : (origins as string[]);
}

function readOrigin(text: string): string | undefined {
  const form = /^https?:\/\/[^/?#\s@\\]+\/?$/i;
  return form.test(text) && URL.canParse(text) ? new URL(text).origin : undefined;
}

/**
 * Refuses a POST that a form of another site can send: the browser would add the session cookie to it. Requests with a
 * bearer token pass, and those from a client that is no browser, which names no origin. Any other type of body makes the
 * browser ask first, and the service allows no other site.
 *
 * @throws HttpError 403
 */
export function refuseCrossSite(allowedOrigins: readonly string[] = []): RequestHandler {
  return (req, _res, next) => {
    if (req.method === 'POST' && isForm(req) && !bearerToken(req) && isForeign(req, allowedOrigins)) {
      throw crossSite.error();
    }
    next();
  };
}

function isForm({ headers }: Request): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim() === '' || formTypes.includes(type.trim().toLowerCase());
}

/** Browsers send `Sec-Fetch-Site` over https only (https://www.w3.org/TR/fetch-metadata/). */
function isForeign(req: Request, allowedOrigins: readonly string[]): boolean {
  const { origin } = req.headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) return false;
  const site = req.get('Sec-Fetch-Site');
  if (site !== undefined) return site.trim().toLowerCase() === 'cross-site';
  return origin !== undefined && !isSameHost(origin, req.host);
}

/**
 * A proxy may change the scheme, and the port that it is asked on is missing from one of them: a port is compared only where
 * both have one. The origin `null` has no host.
 */
function isSameHost(origin: string, asked: string | undefined): boolean {
  const [one, other] = [readHost(origin.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')), readHost(asked ?? '')];
  if (origin === 'null' || !one || one.name !== other?.name) return false;
  return one.port === undefined || other.port === undefined || one.port === other.port;
}

function readHost(text: string): { name: string; port: string | undefined } | undefined {
  const [, name, port] = /^(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?$/.exec(text) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), port };
}
