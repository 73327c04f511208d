import { parseArgs } from 'node:util';
import { deadLetterModel } from '../messaging/dead-letters/dead-letter-model.ts';
import {
  createDeadLetterStore,
  type DeadLetter,
  type DeadLetterStore,
  type UnreadableLetter,
} from '../messaging/dead-letters/dead-letter-store.ts';
import { replayDeadLetter } from '../messaging/dead-letters/replay-dead-letter.ts';
import type { Listener } from '../messaging/listener.ts';
import { systemClock } from '../platform/time/clock.ts';
import { flag, requireId } from './arguments.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext, runAndExit } from './exit-codes.ts';
import { listenersOn } from './listeners-on.ts';
import { type Print, printTo, whileRead } from './output.ts';

const usage = `usage: dead-letters list | show <id> | replay <id>… | discard <id>…   [--json]
  list     the messages that could not be handled, those kept longest first
  show     one of them, with its content
  replay   handles messages once more, as if they were delivered now; one that fails again stays
  discard  forgets messages for good`;

/** The operators' tool for messages that could not be handled. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, log, signal } = context;
  const { command, ids, isJson } = readArguments(args);
  const isRead = command === 'list' || command === 'show';
  const print = printTo(isRead ? out : whileRead(out), { isJson });
  return withDatabase(context, async (database) => {
    const deadLetters = createDeadLetterStore(deadLetterModel(database), systemClock);
    if (command === 'list') return await list(deadLetters, print);
    const succeeded: boolean[] = [];
    for (const id of ids) {
      signal.throwIfAborted();
      if (command === 'show') succeeded.push(await show(deadLetters, id, print));
      else if (command === 'discard') succeeded.push(await discard(deadLetters, id, print));
      else succeeded.push(await replay(deadLetters, listenersOn(database, log), id, print));
    }
    return succeeded.includes(false) ? 1 : 0;
  });
}

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: flag } });
  const [command, ...ids] = positionals;
  if (!command || !['list', 'show', 'replay', 'discard'].includes(command)) {
    throw new BadUsage(command ? `there is no command ${command}` : 'a command is missing');
  }
  if (command === 'list' && ids.length > 0) throw new BadUsage('list takes no ids');
  if (command !== 'list' && ids.length === 0) throw new BadUsage(`${command} needs at least one id`);
  for (const id of ids) requireId(id);
  return { command, ids, isJson: values.json };
}

async function list(deadLetters: DeadLetterStore, print: Print): Promise<number> {
  for await (const letter of deadLetters.all()) {
    if ('problem' in letter) {
      await unreadable(letter, print);
      continue;
    }
    const text = `${letter.id}  ${letter.keptAt.toISOString()}  ${letter.subject}  ${letter.reason}`;
    await print(summary(letter), [text]);
  }
  return 0;
}

async function show(deadLetters: DeadLetterStore, id: string, print: Print): Promise<boolean> {
  const letter = await deadLetters.find(id);
  if (!letter) return notFound(id, print);
  if ('problem' in letter) return unreadable(letter, print);
  const facts = Object.entries(summary(letter)).map(([name, value]) => `${name}: ${String(value)}`);
  const text = letter.data.toString('utf8');
  const value = { ...summary(letter), text, base64: letter.data.toString('base64') };
  await print(value, [...facts, 'content:', text]);
  return true;
}

async function replay(
  deadLetters: DeadLetterStore,
  listeners: Listener[],
  id: string,
  print: Print,
): Promise<boolean> {
  const outcome = await replayDeadLetter({ deadLetters, listeners }, id);
  if (outcome.kind === 'not_found') return notFound(id, print);
  const text = outcome.kind === 'handled' ? `handled: ${outcome.outcome}` : `stays: ${outcome.reason}`;
  await print({ id, ...outcome }, [`${id}  ${text}`]);
  return outcome.kind === 'handled';
}

async function discard(deadLetters: DeadLetterStore, id: string, print: Print): Promise<boolean> {
  if (!(await deadLetters.discard(id))) return notFound(id, print);
  await print({ id, kind: 'discarded' }, [`${id}  discarded`]);
  return true;
}

async function notFound(id: string, print: Print): Promise<false> {
  await print({ id, kind: 'not_found' }, [`${id}  there is no such dead letter`]);
  return false;
}

async function unreadable({ id, problem }: UnreadableLetter, print: Print): Promise<false> {
  await print({ id, kind: 'unreadable', reason: problem }, [`${id}  cannot be read: ${problem}`]);
  return false;
}

function summary({ id, subject, sequence, timestamp, reason, keptAt, data, ...letter }: DeadLetter) {
  const bytes = letter.truncatedFrom ?? data.byteLength;
  return { id, ...letter.origin, subject, sequence, timestamp, keptAt: keptAt.toISOString(), bytes, reason };
}

runAndExit(main, usage);
