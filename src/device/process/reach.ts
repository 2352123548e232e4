import { isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { patiently } from '../../core/patience.ts';
import { causeOf, whyOf, type NetworkCause } from '../../network/causes.ts';
import { handshake, isMqttAlert } from '../../network/handshake.ts';
import type { Broker } from '../../protocol/device.ts';
import { unreachableBecause } from './connectErrors.ts';

/** A firewall that drops packets says nothing; a server that is there answers within this time. */
const PROBE_TIMEOUT_MS = 5000;

/** Opens a way to a port and speaks TLS; resolves with why that failed, or undefined when a server answered. */
export type Probe = (broker: Broker, signal: AbortSignal) => Promise<NetworkCause | undefined>;

/**
 * Finds out on which port the broker answers, where there is a choice: the first of its port and `otherPort`. Looks once
 * for each broker; what it found is kept for as long as the process lives.
 */
export function createReach(probe: Probe = probeTls) {
  const known = new Map<string, Promise<{ port: number; instead: Message | undefined }>>();

  async function look(
    broker: Broker,
    signal: AbortSignal,
  ): Promise<{ port: number; instead: Message | undefined }> {
    const { otherPort, host, port } = broker;
    const cause = await probe(broker, signal);
    if (cause === undefined) return { port, instead: undefined };
    if (otherPort === undefined) throw failed(broker, cause);
    // Another port helps as little where there is no host or no proxy.
    const hopeless = ['name-unknown', 'name-lookup-failed', 'no-network', 'proxy-unreachable'].includes(
      cause.kind,
    );
    const other = hopeless ? cause : await probe({ ...broker, port: otherPort }, signal);
    if (other !== undefined) throw failed(broker, cause);
    const values = { host, port, why: whyOf(cause), other: otherPort };
    return {
      port: otherPort,
      instead: l10n.t(
        'Port {port} of {host} is closed from here ({why}). Using port {other} instead.',
        values,
      ),
    };
  }

  /**
   * The broker with the port on which it answers.
   * @throws CmsError ENDPOINT_UNREACHABLE or CANCELLED
   */
  return async (broker: Broker, say: (message: Message) => void, signal: AbortSignal): Promise<Broker> => {
    if (broker.otherPort === undefined && broker.proxy === undefined) return broker;
    const key = JSON.stringify([broker.host, broker.port, broker.proxy?.url]);
    const looking = known.get(key) ?? look(broker, signal);
    known.set(key, looking);
    try {
      const { port, instead } = await looking;
      if (instead !== undefined) say(instead);
      return { ...broker, port };
    } catch (error) {
      known.delete(key);
      throw error;
    }
  };
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
    // An alert is an answer: it wants a certificate, which is the next step.
    return isMqttAlert(error) ? undefined : causeOf(error);
  }
}
