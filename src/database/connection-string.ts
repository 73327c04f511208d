import mongoose from 'mongoose';

/** The connection string, if the driver understands it; else undefined. Nothing is opened or looked up. */
export function readConnectionString(text: string): string | undefined {
  if (!/^mongodb(\+srv)?:\/\/\S+$/.test(text)) return undefined;
  try {
    new mongoose.mongo.MongoClient(text);
    return text;
  } catch {
    // What is wrong with it may repeat its password.
    return undefined;
  }
}
