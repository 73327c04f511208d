import { eventually } from './eventually.ts';

/** What a test file has started; stopped in reverse when the file ends. */
const releases: (() => Promise<unknown>)[] = [];

/** Has `release` called at the end of the test file, before those registered earlier. */
export function atEnd(release: () => Promise<unknown>): void {
  releases.push(release);
}

const watched = ['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap'];

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => watched.includes(resource));
}

const before = openHandles().length;

/** A file that leaves a socket, a server or a process behind fails. */
afterAll(async () => {
  for (let release = releases.pop(); release; release = releases.pop()) await release();
  await eventually(() => openHandles().length <= before, { withinMs: 5_000 }).catch(() => {
    throw new Error(`the tests left open handles behind: ${openHandles().join(', ')}`);
  });
}, 30_000);
