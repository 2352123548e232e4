/** Topic names and filters that AWS IoT accepts (AWS General Reference, "AWS IoT Core endpoints and quotas"). */

const MAX_BYTES = 256;
/** Of the name of a shared subscription. */
const MAX_GROUP_BYTES = 128;
const MAX_SLASHES = 7;

/** Topic names that devices may publish to below the reserved `$`. Anything else ends the connection. */
const RESERVED_PUBLISH = [
  /^\$aws\/certificates\/create\/json$/,
  /^\$aws\/certificates\/create-from-csr\/json$/,
  /^\$aws\/provisioning-templates\/[^/]+\/provision\/json$/,
  /^\$aws\/things\/[^/]+\/(shadow|jobs|defender)\/.+$/,
  /^\$aws\/rules\/[^/]+(\/.*)?$/s,
];

/** "The first 3 levels" of a topic of Basic Ingest do not count for its length and depth. */
const BASIC_INGEST = /^\$aws\/rules\/[^/]+\/?/;

/** Filters that devices may subscribe to below the reserved `$`. */
const RESERVED_SUBSCRIBE = /^\$aws\/(certificates|provisioning-templates|things|events|rules)\//;

/** U+0000, which HTTP could bring (MQTT 3.1.1, section 4.7.3). */
const NUL = '\0';

export const isReserved = (topic: string): boolean => topic.startsWith('$');

export type TopicProblem = 'malformed' | 'too long' | 'too many slashes' | 'reserved';

/** Why a client may not publish to a topic, or undefined. Length and depth are only checked with `limits`. */
export function publishProblem(topic: string, limits: boolean): TopicProblem | undefined {
  if (topic === '' || /[+#]/.test(topic) || topic.includes(NUL)) return 'malformed';
  const size = limits ? sizeProblem(topic.replace(BASIC_INGEST, '')) : undefined;
  if (size !== undefined) return size;
  return isReserved(topic) && !RESERVED_PUBLISH.some((allowed) => allowed.test(topic))
    ? 'reserved'
    : undefined;
}

/** Why a client may not subscribe to a filter, or undefined. */
export function filterProblem(filter: string, limits: boolean): TopicProblem | undefined {
  const shared = sharedSubscription(filter);
  const plain = shared?.filter ?? filter;
  if (limits && Buffer.byteLength(shared?.group ?? '') > MAX_GROUP_BYTES) return 'too long';
  if (plain === '' || plain.includes(NUL)) return 'malformed';
  const levels = plain.split('/');
  const misplaced = levels.some(
    (level, index) =>
      (level.includes('#') && (level !== '#' || index !== levels.length - 1)) ||
      (level.includes('+') && level !== '+'),
  );
  if (misplaced) return 'malformed';
  const size = limits ? sizeProblem(plain) : undefined;
  if (size !== undefined) return size;
  return isReserved(plain) && !RESERVED_SUBSCRIBE.test(plain) ? 'reserved' : undefined;
}

/** Only of length and depth. */
export function sizeProblem(topic: string): TopicProblem | undefined {
  if (Buffer.byteLength(topic) > MAX_BYTES) return 'too long';
  return topic.split('/').length - 1 > MAX_SLASHES ? 'too many slashes' : undefined;
}

/** `$share/<group>/<filter>`: one member of the group gets each message. */
export function sharedSubscription(filter: string): { group: string; filter: string } | undefined {
  const [, group, shared] = /^\$share\/([^/+#]+)\/(.*)$/s.exec(filter) ?? [];
  return group === undefined || shared === undefined ? undefined : { group, filter: shared };
}

export const hasWildcard = (filter: string): boolean => /[+#]/.test(filter);

/**
 * Whether a topic name falls under a filter. `a/#` does not match `a`, unlike in MQTT 3.1.1 (AWS IoT Developer
 * Guide, "AWS IoT differences from MQTT version 3.1.1 specification"); a leading wildcard never matches `$…`.
 */
export function filterMatches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (isReserved(topic) && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return levels.length > index;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
