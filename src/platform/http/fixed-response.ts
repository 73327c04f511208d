import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

export interface FixedContent {
  /** A content type by its short name in Express: `html`, `json` and so on. */
  type: string;
  text: string;
}

/** For how long a client may cache it, in seconds. A release may change it. */
const maxAgeSeconds = 3_600;

/**
 * Sends everybody the same bytes, from one buffer: any number of responses that nobody reads takes no more memory than one.
 * A client that has the content already gets 304.
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
