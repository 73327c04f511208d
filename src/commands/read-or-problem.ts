/** What `read` returns, or why it throws, in words: after a manual repair a stored document may be anything. */
export function readOrProblem<Found>(read: () => Found): Found | { problem: string } {
  try {
    return read();
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
