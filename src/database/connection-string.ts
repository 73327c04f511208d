import mongoose from 'mongoose';

/** Whether the driver understands the connection string. Nothing is opened or looked up. */
export function isConnectionString(text: string): boolean {
  try {
    return new mongoose.mongo.MongoClient(text) !== undefined;
  } catch {
    // What is wrong with it may repeat its password.
    return false;
  }
}
