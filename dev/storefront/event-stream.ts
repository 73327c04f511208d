import type { RequestHandler } from 'express';
import type { Feed, FeedEvent } from './feed.ts';

const keepAliveEveryMs = 15_000;

/**
 * Server-sent events: a start, the latest messages, then every event as it comes. A browser that reconnects gets all of
 * this again, so its page is correct even after a restart of the demo.
 */
export function eventStream(feed: Feed): RequestHandler {
  return (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write('retry: 1000\n\n');
    const send = (event: FeedEvent) => res.write(`data: ${JSON.stringify(event)}\n\n`);
    send({ kind: 'start', run: feed.run });
    for (const message of feed.recent()) send(message);
    send({ kind: 'broker', connected: feed.broker.isConnected() });

    const unsubscribe = feed.subscribe(send);
    // Some proxies drop a silent connection, and a phone that changed its network does not notice the end of one.
    const keepAlive = setInterval(() => res.write(':\n\n'), keepAliveEveryMs);
    res.on('close', () => {
      clearInterval(keepAlive);
      unsubscribe();
    });
  };
}
