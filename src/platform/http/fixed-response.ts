import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

export interface FixedContent {
  /** What Express knows by this name: `html`, `json` and so on. */
  type: string;
  text: string;
}

/** For how long a client may keep it without asking again, in seconds. A release may change it. */
const maxAgeSeconds = 3_600;

/**
 * Answers everybody with the same bytes. There is one buffer for all of the responses, so that any number of them which
 * nobody reads takes no more memory than one; a client that has the content already is answered 304.
 */
export function fixedResponse({ type, text }: FixedContent): RequestHandler {
  const body = Buffer.from(text);
  const headers = {
    'Cache-Control': `public, max-age=${maxAgeSeconds}`,
    ETag: `"${createHash('sha256').update(body).digest('base64url')}"`,
  };
  return (_req, res) => {
    res.type(type).set(headers).send(body);
  };
}
