import { systemClock, type Progress, type Work } from '../../src/core/work.ts';

export interface TestWork extends Work {
  readonly events: Progress[];
  cancel(): void;
}

/** The context that a front end passes to work; records all progress events. */
export function testWork(onProgress: (event: Progress) => void = () => undefined): TestWork {
  const controller = new AbortController();
  const events: Progress[] = [];
  return {
    events,
    signal: controller.signal,
    clock: systemClock,
    random: Math.random,
    progress(event) {
      events.push(event);
      onProgress(event);
    },
    cancel: () => controller.abort(),
  };
}
