import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from './error-details.ts';
import { runCommand } from './run-command.ts';

/**
 * SHA-256 of the Linux archives of NATS Streaming's last release, as the official container images of this version pin them:
 * https://github.com/nats-io/nats-streaming-docker/blob/1f064d818a624509338bf6056c486b98abdb7e15/0.25.6/alpine3.18/Dockerfile
 */
const pinnedSums: Partial<Record<string, string>> = {
  'nats-streaming-server-v0.25.6-linux-amd64':
    '10f25b100a5b9a7389882883259790d599b557a16ddde1accdfcf9361e19b2f9',
  'nats-streaming-server-v0.25.6-linux-arm64':
    'caf2839d14c610d9d62afeb9022ee36aa4ff5adc86d0402bb7e1a5d7f5e7d26f',
};
const downloadTimeoutMs = 5 * 60 * 1000;

/** Which archive, and where it is unpacked. */
interface Release {
  /** The program in it, and its repository. */
  name: string;
  version: string;
  folder: string;
  /** As the release names it: `linux-amd64`. */
  platform: string;
}

/**
 * Downloads the release's archive for a platform, and unpacks its program into `bin` only when its SHA-256
 * is the published one: the one above, elsewhere the one in the release's own SHA256SUMS.
 *
 * @throws when the archive does not exist or cannot be reached, or its sum is another
 */
export async function unpackRelease({ name, version, folder, platform }: Release): Promise<void> {
  const directory = `${name}-v${version}-${platform}`;
  const file = `${directory}.tar.gz`;
  const release = `https://github.com/nats-io/${name}/releases/download/v${version}`;

  const expected = pinnedSums[directory] ?? publishedSum(await download(`${release}/SHA256SUMS`), file);
  const archive = await download(`${release}/${file}`);
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected) throw new Error(`${file} has the SHA-256 ${actual}, expected ${expected}`);

  const packed = join(folder, file);
  await writeFile(packed, archive);
  await runCommand('tar', ['-xzf', packed, '-C', folder], { timeoutMs: 60_000 });
  await mkdir(join(folder, 'bin'));
  await rename(join(folder, directory, name), join(folder, 'bin', name));
}

/** The sum of a file in the `<sum>  <file>` lines of a sums file. */
function publishedSum(sums: Buffer, file: string): string {
  for (const line of sums.toString('utf8').split('\n')) {
    const [sum, name] = line.trim().split(/\s+\*?/);
    if (name === file && sum && /^[0-9a-f]{64}$/.test(sum)) return sum;
  }
  throw new Error(`the release's SHA256SUMS does not list ${file}`);
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(downloadTimeoutMs) }).catch(
    (error: unknown) => {
      // `fetch failed` alone says nothing; the cause names what could not be reached.
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new Error(`${url}: ${errorMessage(cause)}`, { cause: error });
    },
  );
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
