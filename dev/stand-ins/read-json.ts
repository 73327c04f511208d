/** A message's content; `undefined` when it is not JSON. */
export function readJson(message: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(message).toString());
  } catch {
    // What cannot be read is for the reader to judge.
    return undefined;
  }
}
