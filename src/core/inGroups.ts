/**
 * A task that one run does for all who ask at the same time. Whoever asks while it runs waits for a run that begins
 * afterwards, so that everybody gets an answer from after the question.
 */
export function inGroups<T>(task: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const running = task();
    last = running;
    return running;
  };
  return () => (next ??= last.then(begin, begin));
}
