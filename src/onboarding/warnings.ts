import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';

/** The same work, whose warnings are kept for the result as well as shown; once, however often work is repeated. */
export function collectWarnings(work: Work, warnings: Message[]): Work {
  return {
    ...work,
    progress(event) {
      const { level, message } = event;
      if (level === 'warn' && !warnings.some((each) => isDeepStrictEqual(each, message)))
        warnings.push(message);
      work.progress(event);
    },
  };
}
