// Writes the digests of the images into the Dockerfile, compose.yaml and the manifests, beside their tags: a tag can be
// moved to another image, a digest cannot.
//
//   npm run pin-images
//
// It asks the registries themselves, as everybody may: the images are public, so it needs no tool and no login. A digest
// is that of the bytes that a registry has sent. Either all digests are read, or nothing is written.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const timeoutMs = 20_000;

/** `FROM image:tag` and `image: image:tag`, with a digest of before or without. The service's own is no such image. */
const reference =
  /^(FROM |\s+(?:- )?image: )((?!ticketing\/)[\w.-]+(?::\d+)?(?:\/[\w.-]+)*:[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?=\s|$)/gm;

/** An image for several platforms, or for one, as the OCI and as Docker name it. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/**
 * Where the manifest of an image is. A name whose first part is no host is one of Docker Hub's, and one without parts of
 * its library's: https://github.com/distribution/reference/blob/main/normalize.go
 */
function manifestUrlOf(image) {
  const [, name, tag] = /^(.+):([^:]+)$/.exec(image);
  const [first, ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const host = hasHost ? first : 'registry-1.docker.io';
  const path = hasHost ? rest.join('/') : rest.length > 0 ? name : `library/${name}`;
  return `https://${host}/v2/${path}/manifests/${tag}`;
}

async function request(url, headers = {}) {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    // Its message says "fetch failed", whatever the reason.
    throw new Error(`${new URL(url).host} was not reached`);
  }
}

/** The token that a registry asks for: https://distribution.github.io/distribution/spec/auth/token/ */
async function tokenFor(challenge) {
  const [, scheme = '', rest = ''] = /^(\w+) (.*)$/.exec(challenge ?? '') ?? [];
  const { realm, ...query } = Object.fromEntries(
    [...rest.matchAll(/(\w+)="([^"]*)"/g)].map((m) => m.slice(1)),
  );
  if (scheme.toLowerCase() !== 'bearer' || !URL.canParse(realm))
    throw new Error('the registry wants a login');
  const response = await request(`${realm}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(`the registry gives no token (${response.status})`);
  const { token, access_token } = await response.json();
  return token ?? access_token;
}

/** The digest of what the tag stands for now. @throws with why it cannot be known */
async function digestOf(image) {
  const url = manifestUrlOf(image);
  const headers = { Accept: manifestTypes.join(', ') };
  let response = await request(url, headers);
  if (response.status === 401) {
    const token = await tokenFor(response.headers.get('www-authenticate'));
    response = await request(url, { ...headers, Authorization: `Bearer ${token}` });
  }
  if (!response.ok) throw new Error(`the registry refuses (${response.status})`);
  // A proxy may respond with a page of its own.
  const type = response.headers.get('content-type')?.split(';')[0].trim();
  if (!manifestTypes.includes(type)) throw new Error('the answer is no manifest of an image');
  const bytes = Buffer.from(await response.arrayBuffer());
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const declared = response.headers.get('docker-content-digest') ?? digest;
  if (declared !== digest) throw new Error('the registry names another digest than that of what it has sent');
  return digest;
}

async function pin() {
  const manifests = readdirSync(join(root, 'infra/k8s'), { recursive: true })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join('infra/k8s', name));
  const files = ['Dockerfile', 'compose.yaml', ...manifests].map((name) => {
    const path = join(root, name);
    return { name, path, text: readFileSync(path, 'utf8') };
  });
  const images = files.flatMap(({ text }) => [...text.matchAll(reference)].map(([, , image]) => image));
  const digests = new Map();
  for (const image of new Set(images)) {
    const digest = await digestOf(image).catch((error) => {
      throw new Error(`${image}: ${error.message}`);
    });
    digests.set(image, digest);
  }
  for (const { name, path, text } of files) {
    const pinned = text.replace(reference, (_, before, image) => `${before}${image}@${digests.get(image)}`);
    if (pinned === text) continue;
    writeFileSync(path, pinned);
    console.log(`pinned: ${name}`);
  }
  for (const [image, digest] of digests) console.log(`${image} is ${digest}`);
}

pin().catch((error) => {
  console.error(`nothing is pinned, the tags stay: ${error.message}`);
  process.exitCode = 1;
});
