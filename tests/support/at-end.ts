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
  const failures: unknown[] = [];
  for (let release = releases.pop(); release; release = releases.pop()) {
    // The rest is released all the same: what stays open keeps jest from ending.
    await release().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, `not released: ${failures.join('; ')}`);
  await eventually(() => openHandles().length <= before, { withinMs: 5_000 }).catch(() => {
    throw new Error(`the tests left open handles behind: ${openHandles().join(', ')}`);
  });
}, 30_000);
