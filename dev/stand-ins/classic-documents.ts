import mongoose, { type Connection, type Schema } from 'mongoose';

/** A stand-in's own database. It closes with the stand-in. */
export function openClassicDatabase(mongoUri: string): Promise<Connection> {
  // A collection is made by the first insert. SecantusDB locks itself up when a command makes the same one at that moment.
  return mongoose.createConnection(mongoUri, { autoCreate: false, autoIndex: false }).asPromise();
}

/**
 * Has every `save` of a document that was read expect the version that was read, and count it up by one, as the plugin
 * mongoose-update-if-current does: of two that were read at the same moment only one is saved.
 */
export function lockOptimistically(schema: Schema): void {
  schema.pre('save', function () {
    if (!this.isNew) this.increment();
  });
}

/**
 * Between the read of a document and its save, in milliseconds: what a database takes that is on another machine. One on the
 * same machine answers so fast that two handlers hardly ever have a document in hand at the same moment.
 */
export const betweenReadAndSaveMs = 10;
