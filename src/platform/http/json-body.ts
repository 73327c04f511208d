import type { Request } from 'express';
import express, { type RequestHandler } from 'express';
import { HttpError } from './errors.ts';

/** The largest body that is read. */
const bodyLimit = '32kb';

/** How many objects and arrays may lie in each other, the body itself included. */
const maxDepth = 32;

const parse = express.json({ limit: bodyLimit, type: () => true });

/**
 * Reads a JSON body. A body of another type is refused instead of being taken for none at all; none at all is none,
 * whatever the headers say of it, and leaves `req.body` undefined.
 *
 * @throws HttpError 415 for another type or charset, 400 for a body that is nested too deep
 */
export const jsonBody: RequestHandler[] = [
  async (req, res, next) => {
    if (announcesNothing(req)) return next();
    if (isJson(req.headers['content-type'] ?? '')) {
      // The parser knows the charset by its right name alone.
      req.headers['content-type'] = 'application/json';
      return parse(req, res, next);
    }
    if (!(await isEmpty(req))) throw unsupportedMediaType();
    next();
  },
  (req, _res, next) => {
    if (isDeeper(req.body, maxDepth)) {
      throw new HttpError(400, {
        message: `The body is nested too deep: at most ${maxDepth} levels are read`,
        code: 'malformed',
      });
    }
    next();
  },
];

/**
 * JSON is exchanged in UTF-8 alone (https://www.rfc-editor.org/rfc/rfc8259#section-8.1). Its misspellings are those that
 * browsers know (https://encoding.spec.whatwg.org/#names-and-labels), and that of Python.
 */
const utf8 = /^(?:utf[-_]?8|(?:x-)?unicode(?:-1-1-utf-|11utf|20utf)8)$/i;

function isJson(contentType: string): boolean {
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) return false;
  const charset = /;\s*charset\s*=\s*["']?([^"';\s]*)/i.exec(contentType)?.[1];
  return charset === undefined || utf8.test(charset);
}

function announcesNothing({ headers }: Request): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** A body that comes in chunks may turn out to be none. What there is of one is dropped. */
async function isEmpty(req: Request): Promise<boolean> {
  if (req.headers['transfer-encoding'] === undefined) return false;
  return new Promise((resolve) => {
    req.once('data', () => resolve(false));
    req.once('end', () => resolve(true));
    // The client is gone: nobody reads the answer.
    req.once('close', () => resolve(false));
  });
}

function unsupportedMediaType(): HttpError {
  const message = 'The body must be application/json in UTF-8';
  return new HttpError(415, { message, code: 'unsupported_media_type' });
}

/** Calls itself as often as there are levels, at most. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
