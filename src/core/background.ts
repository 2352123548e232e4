/**
 * For work that nobody waits for: what it fails with goes to `report`. Left alone, a rejected promise would end the
 * process.
 */
export function background(work: Promise<unknown>, report: (error: unknown) => void): void {
  work.catch(report);
}
