import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';

/** The same work, whose warnings are kept for the result as well as shown. */
export function collectWarnings(work: Work, warnings: Message[]): Work {
  return {
    ...work,
    progress(event) {
      const { level, message } = event;
      if (level === 'warn') warnings.push(typeof message === 'string' ? l10n.verbatim(message) : message);
      work.progress(event);
    },
  };
}
