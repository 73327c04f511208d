import mongoose, { type mongo } from 'mongoose';

/** A connection string that can be used, or what is to be changed in it. */
export type ReadConnectionString = { uri: string } | { problems: string[] };

const whatItIs = 'must be a MongoDB connection string, mongodb://… or mongodb+srv://…';

/** Nothing is opened or looked up, and no problem repeats a password. */
export function readConnectionString(text: string): ReadConnectionString {
  const options = optionsOf(text);
  if (!options) return { problems: [whatItIs] };
  const problems = weakerThanPromised(options).map(
    ([option, needed]) =>
      `must not weaken what the service promises: ${option} can only be ${needed}, or left out`,
  );
  return problems.length > 0 ? { problems } : { uri: text };
}

/** The driver's own reading: an option may have several names, be repeated, or be of a form that only it knows. */
function optionsOf(text: string): Partial<mongo.MongoOptions> | undefined {
  if (!/^mongodb(\+srv)?:\/\/\S+$/.test(text)) return undefined;
  try {
    return new mongoose.mongo.MongoClient(text).options;
  } catch {
    // What is wrong with it may repeat its password.
    return undefined;
  }
}

/**
 * The options that take something away from what the service asks for (connect.ts): with them what was answered,
 * acknowledged or published could be lost in a failover or a crash. The driver lets some of them win, silently.
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
