import mongoose, { type mongo } from 'mongoose';
import { syntaxProblems } from './connection-string-syntax.ts';

/** A connection string that can be used, or the problems that must be solved first. */
export type ReadConnectionString = { uri: string } | { problems: string[] };

/** Without a name the driver silently uses `test`. */
const noDatabase =
  'names no database. Version 0.1 then used `test`: if it has run here, write `/test`. A new installation writes for example `/orders`.';

/** Characters that servers refuse in a database's name, and those of an option that was written there. */
const forbiddenInNames = /[\s/\\."$*<>:|?&=#]/;

/** The only time-out that would override the service's own in the driver. */
const outdatedTimeout =
  'has the outdated option wtimeout: leave it out, the service has a time-out of its own';

/** Checks a connection string without opening or resolving anything. No problem repeats a password. */
export function readConnectionString(text: string): ReadConnectionString {
  const unreadable = syntaxProblems(text);
  if (unreadable) return { problems: unreadable };
  // Read by the driver: an option may have several names, be repeated, or have a form that only the driver knows.
  const { options } = new mongoose.mongo.MongoClient(text);
  const problems = [
    ...problemsOfName(text),
    ...(optionNames(text).includes('wtimeout') ? [outdatedTimeout] : []),
    ...weakerThanPromised(options).map(
      ([option, needed]) =>
        `must not weaken what the service promises: ${option} can only be ${needed}, or left out`,
    ),
  ];
  return problems.length > 0 ? { problems } : { uri: text };
}

function problemsOfName(text: string): string[] {
  const [, encoded] = /^[^/]+:\/\/[^/?]*\/([^?]+)/.exec(text) ?? [];
  if (encoded === undefined) return [noDatabase];
  const name = decodeURIComponent(encoded);
  if (!forbiddenInNames.test(name) && Buffer.byteLength(name) < 64) return [];
  return ['must name a database in at most 63 bytes, without white space and / \\ . " $ * < > : | ? & = #'];
}

function optionNames(text: string): string[] {
  const [, query = ''] = text.split('?');
  return [...new URLSearchParams(query).keys()].map((name) => name.toLowerCase());
}

/**
 * The options that weaken the settings in connect.ts: with them a failover or a crash could undo writes that were answered,
 * acknowledged or published. The driver silently prefers some of them.
 */
function weakerThanPromised(options: Partial<mongo.MongoOptions>): [option: string, needed: string][] {
  const { writeConcern, readConcern, readPreference } = options;
  const asked: [option: string, needed: string, weak: boolean][] = [
    ['w', 'majority', writeConcern?.w !== undefined && writeConcern.w !== 'majority'],
    ['journal', 'true', writeConcern?.journal === false],
    [
      'readConcernLevel',
      'majority or linearizable',
      readConcern?.level !== undefined && !['majority', 'linearizable'].includes(readConcern.level),
    ],
    ['readPreference', 'primary', readPreference !== undefined && readPreference.mode !== 'primary'],
  ];
  return asked.flatMap(([option, needed, weak]) => (weak ? [[option, needed] as [string, string]] : []));
}
