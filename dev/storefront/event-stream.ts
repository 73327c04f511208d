import type { RequestHandler } from 'express';
import type { Feed, News } from './feed.ts';

const keepAliveEveryMs = 15_000;

/**
 * Server-sent events: a start, the latest messages again, then all news as it comes. A browser that reconnects begins
 * anew, so it is right even when the demo itself was started again.
 */
export function eventStream(feed: Feed): RequestHandler {
  return (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write('retry: 1000\n\n');
    const send = (news: News) => res.write(`data: ${JSON.stringify(news)}\n\n`);
    send({ kind: 'start', run: feed.run });
    for (const message of feed.recent()) send(message);
    send({ kind: 'broker', connected: feed.broker.isConnected() });

    const silence = feed.listen(send);
    // Some proxies, and phones that moved to another network, drop or miss the end of a silent connection.
    const keepAlive = setInterval(() => res.write(':\n\n'), keepAliveEveryMs);
    res.on('close', () => {
      clearInterval(keepAlive);
      silence();
    });
  };
}
