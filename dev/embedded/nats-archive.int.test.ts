import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackRelease } from './nats-archive.ts';
import { runCommand } from './run-command.ts';

let folder: string;
let archive: Buffer;
const directory = 'nats-streaming-server-v0.25.6-darwin-arm64';

/** The release's files; a fake, since a checked download that goes wrong cannot be had from the real place. */
function publish(files: Record<string, Buffer | string>) {
  return jest.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    const file = files[String(url).split('/').at(-1) ?? ''];
    return file === undefined
      ? new Response('', { status: 404 })
      : new Response(new Uint8Array(Buffer.from(file)));
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-archive-test-'));
  await mkdir(join(folder, 'packed', directory), { recursive: true });
  await mkdir(join(folder, 'draft'));
  await writeFile(join(folder, 'packed', directory, 'nats-streaming-server'), 'the server');
  const file = join(folder, 'archive');
  await runCommand('tar', ['-czf', file, '-C', join(folder, 'packed'), directory], { timeoutMs: 5_000 });
  archive = await readFile(file);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe('When the release is downloaded', () => {
  const unpack = (platform: string) =>
    unpackRelease({
      ...{ name: 'nats-streaming-server', version: '0.25.6' },
      ...{ folder: join(folder, 'draft'), platform },
    });

  test('and has the published sum, then the server is unpacked', async () => {
    const sum = createHash('sha256').update(archive).digest('hex');
    publish({ SHA256SUMS: `${sum}  ${directory}.tar.gz\n`, [`${directory}.tar.gz`]: archive });
    await unpack('darwin-arm64');
    expect(await readFile(join(folder, 'draft', 'bin', 'nats-streaming-server'), 'utf8')).toBe('the server');
  });

  test('and its sum is another than the pinned one, then it is refused', async () => {
    publish({ 'nats-streaming-server-v0.25.6-linux-amd64.tar.gz': archive });
    await expect(unpack('linux-amd64')).rejects.toThrow(/has the SHA-256 [0-9a-f]{64}, expected 10f25b10/);
  });

  test('and the sums do not list it, then it is refused before it is downloaded', async () => {
    const download = publish({ SHA256SUMS: `${'0'.repeat(64)}  another.tar.gz\n` });
    await expect(unpack('darwin-arm64')).rejects.toThrow('does not list');
    expect(download).toHaveBeenCalledTimes(1);
  });

  test('and it is not there, then the error names it and the status', async () => {
    publish({});
    await expect(unpack('linux-arm64')).rejects.toThrow(/linux-arm64\.tar\.gz: status 404/);
  });
});
