import { isCmsError, messageOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { patiently } from '../../core/patience.ts';
import { Shared } from '../../core/shared.ts';
import { causeOf, type NetworkCause } from '../../network/causes.ts';
import { whyOf } from '../../network/causeWords.ts';
import { handshake, isMqttAlert } from '../../network/handshake.ts';
import type { Broker } from '../../protocol/device.ts';
import { unreachableBecause } from './connectErrors.ts';

/** A firewall that drops packets says nothing; a server that is there answers within this time. */
const PROBE_TIMEOUT_MS = 5000;

/** Opens a way to a port and speaks TLS; resolves with why that failed, or undefined when a server answered. */
export type Probe = (broker: Broker, signal: AbortSignal) => Promise<NetworkCause | undefined>;

/** Another port, or another way, would help as little. */
const HOPELESS: ReadonlySet<NetworkCause['kind']> = new Set([
  'name-unknown',
  'name-lookup-failed',
  'no-network',
]);
/** Networks change: a computer is carried home, a firewall gets a rule. */
const KEPT_MS = 5 * 60_000;

interface Found {
  /** Whether it is the other port that answers. */
  isOther: boolean;
  instead: Message | undefined;
}

interface Reach {
  /**
   * The broker with the port on which it answers.
   * @throws CmsError ENDPOINT_UNREACHABLE or CANCELLED
   */
  (broker: Broker, say: (message: Message) => void, signal: AbortSignal): Promise<Broker>;
  /** Looks again the next time, since what was found did not hold. */
  forget(broker: Broker): void;
}

/**
 * Finds out on which port the broker answers, where there is a choice: the first of its port and `otherPort`, each by its
 * own way. Looks once for each broker; what it found is kept for some minutes.
 */
export function createReach(probe: Probe = probeTls, now: () => number = () => performance.now()): Reach {
  const known = new Map<string, { looking: Shared<Found>; at: number }>();

  async function look(broker: Broker, signal: AbortSignal): Promise<Found> {
    const { host, port } = broker;
    const cause = await probe(broker, signal);
    if (cause === undefined) return { isOther: false, instead: undefined };
    const other = otherOf(broker);
    if (other === undefined) throw failed(broker, cause);
    const isSameWay = other.proxy?.url === broker.proxy?.url;
    const hopeless = HOPELESS.has(cause.kind) || (cause.kind === 'proxy-unreachable' && isSameWay);
    if (hopeless || (await probe(other, signal)) !== undefined) throw failed(broker, cause);
    const values = { host, port, why: whyOf(cause), other: other.port };
    return {
      isOther: true,
      instead: l10n.t(
        'Port {port} of {host} is closed from here ({why}). Using port {other} instead.',
        values,
      ),
    };
  }

  const reach = async (
    broker: Broker,
    say: (message: Message) => void,
    signal: AbortSignal,
  ): Promise<Broker> => {
    if (broker.otherPort === undefined && broker.proxy === undefined) return broker;
    const key = keyOf(broker);
    const kept = known.get(key);
    const isFresh = kept !== undefined && now() - kept.at < KEPT_MS;
    const entry = isFresh ? kept : { looking: new Shared((ended) => look(broker, ended)), at: now() };
    known.set(key, entry);
    try {
      const { isOther, instead } = await entry.looking.get(signal);
      if (instead !== undefined) say(instead);
      // The way is the caller's own: another one's proxy may have another login.
      return (isOther ? otherOf(broker) : undefined) ?? broker;
    } catch (error) {
      if (known.get(key) === entry) known.delete(key);
      entry.looking.drop();
      throw error;
    }
  };
  return Object.assign(reach, { forget: (broker: Broker) => void known.delete(keyOf(broker)) });
}

function keyOf({ host, port, proxy, otherPort, otherWay }: Broker): string {
  return JSON.stringify([host, port, proxy?.url, otherPort, otherWay?.proxy?.url]);
}

/** The same broker on its other port, by the way that leads there. */
function otherOf(broker: Broker): Broker | undefined {
  const { otherPort: port, otherWay } = broker;
  if (port === undefined) return undefined;
  return { ...broker, port, proxy: otherWay === undefined ? broker.proxy : otherWay.proxy };
}

function failed(broker: Broker, cause: NetworkCause) {
  const { otherPort } = broker;
  const attempt = { broker, clientId: '', what: l10n.t('certificate') };
  const both =
    otherPort === undefined
      ? whyOf(cause)
      : l10n.t('{why}, and port {other} does not answer either', { why: whyOf(cause), other: otherPort });
  return unreachableBecause(attempt, cause, both);
}

/** Does not judge the server's certificate: whoever connects then does, with words of its own. */
async function probeTls(broker: Broker, signal: AbortSignal): Promise<NetworkCause | undefined> {
  try {
    const host = `${broker.host}:${broker.port}`;
    await patiently({ host }, () =>
      handshake(broker, { timeoutMs: PROBE_TIMEOUT_MS, signal }, () => undefined),
    );
    return undefined;
  } catch (error) {
    if (isCmsError(error)) throw error;
    // An alert is an answer: it wants a certificate, which is the next step. What is not known is none.
    return isMqttAlert(error) ? undefined : (causeOf(error) ?? { kind: 'other', code: nameOf(error) });
  }
}

function nameOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : messageOf(error);
}
