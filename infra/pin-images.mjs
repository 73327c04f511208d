// Writes the digests of the images into the Dockerfile, compose.yaml and the manifests, beside their tags: a tag can be
// moved to another image, a digest cannot.
//
//   npm run pin-images
//
// It asks the registry by a tool that is installed (crane, skopeo or docker), which knows where it is and the login.
// Either all digests are read, or nothing is written.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));

const tools = {
  crane: (image) => ['digest', image],
  skopeo: (image) => ['inspect', '--format', '{{.Digest}}', `docker://${image}`],
  docker: (image) => ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}'],
};

/** `FROM image:tag` and `image: image:tag`, with a digest of before or without. The service's own is no such image. */
const reference = /^(FROM |\s+image: )((?!ticketing\/)[\w./-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?=\s|$)/gm;

const manifests = readdirSync(join(root, 'infra/k8s'), { recursive: true })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => join('infra/k8s', name));
const files = ['Dockerfile', 'compose.yaml', ...manifests].map((name) => {
  const path = join(root, name);
  return { name, path, text: readFileSync(path, 'utf8') };
});
const images = new Set(
  files.flatMap(({ text }) => [...text.matchAll(reference)].map(([, , image]) => image)),
);

/** The digest of the tag, whichever tool tells it. @throws with what each has said */
function digestOf(image) {
  const failures = [];
  for (const [tool, args] of Object.entries(tools)) {
    try {
      const digest = execFileSync(tool, args(image), {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim();
      if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
      failures.push(`${tool}: no digest in its answer`);
    } catch (error) {
      failures.push(`${tool}: ${error.code === 'ENOENT' ? 'not installed' : 'the registry was not read'}`);
    }
  }
  throw new Error(`${image}: ${failures.join(', ')}`);
}

try {
  const digests = new Map([...images].map((image) => [image, digestOf(image)]));
  for (const { name, path, text } of files) {
    const pinned = text.replace(reference, (_, before, image) => `${before}${image}@${digests.get(image)}`);
    if (pinned === text) continue;
    writeFileSync(path, pinned);
    console.log(`pinned: ${name}`);
  }
  for (const [image, digest] of digests) console.log(`${image} is ${digest}`);
} catch (error) {
  console.error(`nothing is pinned, the tags stay: ${error.message}`);
  process.exitCode = 1;
}
