import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';
import type { FixedContent } from '../http/fixed-response.ts';

/**
 * The files of the readable page, by path; `documentPath` is what the page reads. All come from the service itself, and no
 * script stands in the page, so that the strictest content security policy holds. They are asked for by paths relative
 * to the page, which stay right where a proxy serves all of it under another prefix.
 */
export async function docsPage(base: string, documentPath: string): Promise<Record<string, FixedContent>> {
  const ofSwaggerUi = async (name: string) => {
    const text = await readFile(join(swaggerUiFolder(), name), 'utf8');
    // The source map is not served; a browser's developer tools would look for it in vain.
    return text.replace(/\s*\/[*/]# sourceMappingURL=.*$/, '');
  };
  return {
    [base]: { type: 'html', text: page(posix.basename(base)) },
    [`${base}/start.js`]: { type: 'js', text: start(posix.relative(posix.dirname(base), documentPath)) },
    [`${base}/swagger-ui.css`]: { type: 'css', text: await ofSwaggerUi('swagger-ui.css') },
    [`${base}/swagger-ui-bundle.js`]: { type: 'js', text: await ofSwaggerUi('swagger-ui-bundle.js') },
  };
}

const page = (folder: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orders API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${folder}/swagger-ui.css">
<script src="${folder}/swagger-ui-bundle.js" defer></script>
<script src="${folder}/start.js" defer></script>
</head>
<body>
<main id="operations"><noscript>This page needs JavaScript. The document itself is openapi.json.</noscript></main>
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
