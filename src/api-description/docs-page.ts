import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';
import type { FixedContent } from '../http/fixed-response.ts';

/**
 * The files of the readable page, by path. All come from the service itself, and no script stands in the page, so
 * that the strictest content security policy holds.
 */
export async function docsPage(base: string, documentPath: string): Promise<Record<string, FixedContent>> {
  const ofSwaggerUi = async (name: string) => {
    const text = await readFile(join(swaggerUiFolder(), name), 'utf8');
    // The source map is not served; a browser's developer tools would look for it in vain.
    return text.replace(/\s*\/[*/]# sourceMappingURL=.*$/, '');
  };
  return {
    [base]: { type: 'html', text: page(base) },
    [`${base}/start.js`]: { type: 'js', text: start(documentPath) },
    [`${base}/swagger-ui.css`]: { type: 'css', text: await ofSwaggerUi('swagger-ui.css') },
    [`${base}/swagger-ui-bundle.js`]: { type: 'js', text: await ofSwaggerUi('swagger-ui-bundle.js') },
  };
}

const page = (base: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orders API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}/swagger-ui.css">
<script src="${base}/swagger-ui-bundle.js" defer></script>
<script src="${base}/start.js" defer></script>
</head>
<body>
<main id="operations"><noscript>This page needs JavaScript. The document itself is openapi.json.</noscript></main>
</body>
</html>
`;

/** `validatorUrl`: Swagger UI would otherwise send the document to a host of its makers. */
const start = (documentPath: string) => `SwaggerUIBundle({
  url: ${JSON.stringify(documentPath)},
  domNode: document.getElementById('operations'),
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
});
`;
