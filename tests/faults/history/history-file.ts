import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { History, Settings } from './history.ts';

type Lists = Omit<History, 'settings'>;

export function emptyLists(): Lists {
  return {
    answers: [],
    faults: [],
    outages: [],
    exits: [],
    commands: [],
    poison: [],
    messages: [],
    orders: [],
    tickets: [],
    parked: [],
    deadLetters: [],
    locks: [],
  };
}

/** Writes one entry a line, `{"kind": …, "entry": …}`, so that `grep` finds what concerns an order. */
export async function writeHistory(file: string, { settings, ...lists }: History): Promise<void> {
  const lines = Object.entries(lists).flatMap(([kind, entries]) =>
    entries.map((entry) => JSON.stringify({ kind, entry })),
  );
  await writeFile(file, `${[JSON.stringify({ kind: 'settings', entry: settings }), ...lines].join('\n')}\n`);
}

/** @throws when the file is not one that `writeHistory` wrote */
export async function readHistory(file: string): Promise<History> {
  const lists = emptyLists();
  let settings: Settings | undefined;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { kind, entry } = JSON.parse(line) as { kind: keyof History; entry: never };
    if (kind === 'settings') settings = entry;
    else if (kind in lists) lists[kind].push(entry);
    else throw new Error(`${file} has an entry of an unknown kind: ${JSON.stringify(kind)}`);
  }
  if (!settings) throw new Error(`${file} is not the history of a round`);
  return { settings, ...lists };
}
