import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../../support/at-end.ts';
import { goodHistory } from '../rules/sample-history.ts';
import { readHistory, writeHistory } from './history-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-history-'));
  atEnd(() => rm(folder, { recursive: true }));
});

test('When a history was written, then it is read as it was', async () => {
  const file = join(folder, 'history.jsonl');
  await writeHistory(file, goodHistory());
  expect(await readHistory(file)).toEqual(goodHistory());
});

test('When the file is another one, then the error says so', async () => {
  const file = join(folder, 'other.jsonl');
  await writeFile(file, '{"kind":"surprise","entry":1}\n');
  await expect(readHistory(file)).rejects.toThrow('has an entry of an unknown kind: "surprise"');
  await writeFile(file, '');
  await expect(readHistory(file)).rejects.toThrow('is not the history of a round');
});
