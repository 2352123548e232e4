import { type Fix, warn } from '../cms/contract/checks.ts';
import { l10n, type Message } from '../core/message.ts';

/** One of the things that a check found wrong. */
export interface Finding {
  what: Message;
  remedy: Message;
  fix?: Fix;
}

/** All of them in one verdict; a remedy that several share is said once, and the first fix is offered. */
export function warnOf(found: readonly Finding[]) {
  const remedies = new Map(found.map(({ remedy }) => [JSON.stringify(remedy), remedy]));
  return warn(
    l10n.list(
      found.map(({ what }) => what),
      'sentences',
    ),
    l10n.list([...remedies.values()], 'sentences'),
    {},
    found.find(({ fix }) => fix !== undefined)?.fix,
  );
}
