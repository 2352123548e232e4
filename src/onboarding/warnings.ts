import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';

/** The same work, whose warnings are kept for the result as well as shown. */
export function collectWarnings(work: Work, warnings: Message[]): Work {
  return {
    ...work,
    progress(event) {
      if (event.level === 'warn') warnings.push(event.message);
      work.progress(event);
    },
  };
}
