import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import express, { type Express } from 'express';
import helmet from 'helmet';

/** As everything of the demo, from the folder of the repository. */
const folder = resolve('dev/storefront/pages');

/** A page is the layout with one file in its middle; the addresses of tickets and orders can be shared. */
const pages = [
  { path: '/', title: 'Tickets', file: 'tickets' },
  { path: '/tickets/:id', title: 'Ticket', file: 'ticket' },
  { path: '/orders', title: 'My orders', file: 'orders' },
  { path: '/orders/:id', title: 'Order', file: 'order' },
  { path: '/inside', title: 'What happens inside', file: 'inside' },
] as const;

/** The pages, their styles and scripts. Nothing inline and nothing from another host, which the policy enforces. */
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
      // Plain HTTP on this machine: a browser that remembers otherwise would not come back.
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

/** Read anew each time: a changed page is there with the next reload. */
function text(file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8');
}
