import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import express, { type Express } from 'express';
import helmet from 'helmet';

/** Relative to the repository, as all paths of the demo. */
const folder = resolve('dev/storefront/pages');

/** A page is the layout with one file in its middle. */
const pages = [
  { path: '/', title: 'Tickets', file: 'tickets' },
  { path: '/tickets/:id', title: 'Ticket', file: 'ticket' },
  { path: '/orders', title: 'My orders', file: 'orders' },
  { path: '/orders/:id', title: 'Order', file: 'order' },
  { path: '/inside', title: 'What happens inside', file: 'inside' },
] as const;

/** The pages, their styles and scripts. The policy allows nothing inline and nothing from another host. */
export function pageRoutes(app: Express): void {
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
          formAction: ["'self'"],
        },
      },
      // The demo is plain HTTP: a browser that remembers to use HTTPS could not reach it again.
      strictTransportSecurity: false,
    }),
  );
  for (const { path, title, file } of pages) {
    app.get(path, async (_req, res) => {
      const [layout, main] = await Promise.all([text('layout.html'), text(`${file}.html`)]);
      res.type('html').set('Cache-Control', 'no-cache');
      res.send(layout.replace('{{title}}', title).replace('{{main}}', main).replace('{{script}}', file));
    });
  }
  app.use('/assets', express.static(folder, { cacheControl: false, index: false, extensions: false }));
}

/** Read each time, so that a changed page shows with the next reload. */
function text(file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8');
}
