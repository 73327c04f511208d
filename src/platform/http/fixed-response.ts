import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

export interface FixedContent {
  /** A content type by its short name in Express: `html`, `json` and so on. */
  type: string;
  text: string;
}

/** How long a client may cache the response, in seconds. A release may change the content. */
const maxAgeSeconds = 3_600;

/**
 * Sends the same buffer to all clients, so many unread responses take no more memory than one. A client that has the content
 * already gets 304.
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
