import type { RequestHandler } from 'express';
import type { Feed, News } from './feed.ts';

const keepAliveEveryMs = 15_000;

/**
 * Server-sent events: the latest messages at once, then all news as it comes. A browser that reconnects says by
 * `Last-Event-ID` what it has seen, and is not told that again.
 */
export function eventStream(feed: Feed): RequestHandler {
  return (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write('retry: 1000\n\n');
    const send = (news: News) => {
      const id = news.kind === 'message' ? `id: ${news.number}\n` : '';
      res.write(`${id}data: ${JSON.stringify(news)}\n\n`);
    };
    const seen = Number(req.get('last-event-id') ?? 0);
    for (const message of feed.recent()) if (message.number > seen) send(message);
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
