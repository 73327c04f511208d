import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';
import type { FixedContent } from '../http/fixed-response.ts';
import type { Api } from './openapi.ts';

/**
 * The files of the page, by path. All come from the service itself, and the page has no inline script, so that the strictest
 * content security policy can be used. Relative paths also work when a proxy serves the page under another prefix.
 */
export async function docsPage({
  title,
  pagePath,
  documentPath,
}: Pick<Api, 'title' | 'pagePath' | 'documentPath'>): Promise<Record<string, FixedContent>> {
  const readSwaggerUi = async (name: string) => {
    const text = await readFile(join(swaggerUiFolder(), name), 'utf8');
    // The source map is not served; a browser's developer tools would request it without success.
    return text.replace(/\s*\/[*/]# sourceMappingURL=.*$/, '');
  };
  const documentUrl = posix.relative(posix.dirname(pagePath), documentPath);
  return {
    [pagePath]: { type: 'html', text: page({ title, folder: posix.basename(pagePath), documentUrl }) },
    [`${pagePath}/start.js`]: { type: 'js', text: start(documentUrl) },
    [`${pagePath}/swagger-ui.css`]: { type: 'css', text: await readSwaggerUi('swagger-ui.css') },
    [`${pagePath}/swagger-ui-bundle.js`]: { type: 'js', text: await readSwaggerUi('swagger-ui-bundle.js') },
  };
}

interface Page {
  title: string;
  /** The path of the page's files, relative to the page. */
  folder: string;
  documentUrl: string;
}

const page = ({ title, folder, documentUrl }: Page) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${folder}/swagger-ui.css">
<script src="${folder}/swagger-ui-bundle.js" defer></script>
<script src="${folder}/start.js" defer></script>
</head>
<body>
<main id="operations"><noscript>This page needs JavaScript. The document itself is ${documentUrl}.</noscript></main>
</body>
</html>
`;

/** `validatorUrl`: Swagger UI would otherwise send the document to a host of its makers. */
const start = (documentUrl: string) => `SwaggerUIBundle({
  url: ${JSON.stringify(documentUrl)},
  domNode: document.getElementById('operations'),
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
});
`;
