import type { Work } from '../core/work.ts';
import { english } from '../core/wording.ts';

/** The same work, whose warnings are kept for the result as well as shown. */
export function collectWarnings(work: Work, warnings: string[]): Work {
  return {
    ...work,
    progress(event) {
      if (event.level === 'warn') warnings.push(english(event.message));
      work.progress(event);
    },
  };
}
