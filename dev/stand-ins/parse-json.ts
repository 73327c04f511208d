/** The content of a message; `undefined` when it is not JSON. */
export function parseJson(message: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(message).toString());
  } catch {
    // The caller decides what an unreadable message means.
    return undefined;
  }
}
