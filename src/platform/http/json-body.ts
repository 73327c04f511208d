import type { Request } from 'express';
import express, { type RequestHandler } from 'express';
import { malformed, maxBodyKilobytes, unsupportedMediaType } from './common-errors.ts';

/** Maximum depth of nested objects and arrays, including the body itself. */
const maxDepth = 32;

const parse = express.json({ limit: maxBodyKilobytes * 1_024, type: () => true });

/**
 * Reads a JSON body. A body of another type is refused, not ignored. Without a body `req.body` stays undefined, with any
 * `Content-Type`.
 *
 * @throws HttpError 415 for another type or charset, 400 for a body that is nested too deep
 */
export const jsonBody: RequestHandler[] = [
  async (req, res, next) => {
    if (announcesNothing(req)) return next();
    if (isJson(req.headers['content-type'] ?? '')) {
      // The parser knows only the correct name of the charset.
      req.headers['content-type'] = 'application/json';
      return parse(req, res, next);
    }
    if (!(await isEmpty(req))) throw unsupportedMediaType.error();
    next();
  },
  (req, _res, next) => {
    if (isDeeper(req.body, maxDepth)) {
      throw malformed.error({ message: `The body is nested too deep: at most ${maxDepth} levels are read` });
    }
    next();
  },
];

/**
 * JSON must be UTF-8 (https://www.rfc-editor.org/rfc/rfc8259#section-8.1). Other spellings are accepted that browsers know
 * (https://encoding.spec.whatwg.org/#names-and-labels) or Python sends.
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

/** Whether a chunked body has no bytes. The bytes of another body are dropped. */
async function isEmpty(req: Request): Promise<boolean> {
  if (req.headers['transfer-encoding'] === undefined) return false;
  return new Promise((resolve) => {
    req.once('data', () => resolve(false));
    req.once('end', () => resolve(true));
    // The client has closed the connection: it reads no response.
    req.once('close', () => resolve(false));
  });
}

/** Recurses at most as deep as there are levels. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
