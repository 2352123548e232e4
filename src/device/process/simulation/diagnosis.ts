import { X509Certificate } from 'node:crypto';
import { CmsError, messageOf } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { clockOrReplace } from '../../../core/outOfDate.ts';
import { causeOfCode } from '../../../network/causes.ts';

export interface Suspect {
  vin: string;
  clientId: string;
  /** Host and port. */
  address: string;
  certificatePem: string;
}

/** How an open connection ended. */
export interface Drop {
  /** How long it was open. */
  openMs: number;
  acknowledgements: number;
  /** The oldest unacknowledged message. */
  oldest: { serial: number; topic: string } | undefined;
  /** Time since the last acknowledgment or, without one, since it was opened. */
  quietMs: number;
}

/** What became of a connection on which nobody spoke MQTT, opened to be compared with one that was taken away. */
export interface Comparison {
  /** How long it was open, in milliseconds. */
  openMs: number;
  /** Whether the other side ended it; else it was closed because enough was seen. */
  ended: boolean;
}

/** Ages that differ by less are alike. */
const ALIKE = { ms: 1000, part: 0.25 };

/** Rotation starts with the current certificate, so it cannot solve this problem. */
const REPLACE = l10n.t(
  'Provision the vehicle with "replace" (--replace), which sets the old pair aside and never deletes it.',
);

/** In a row. A single refusal may be because the account exceeded its connect rate. */
const MAX_REFUSALS = 3;
/** In a row, before the first connection, so that a wrong address is not tried forever. */
const MAX_UNREACHABLE = 3;
/** In a row, each without any acknowledgment and with the same message outstanding. */
const MAX_UNANSWERED = 4;
/** A connection that lasted longer has no rival with the same client id, which would be back sooner. */
export const STABLE_MS = 30_000;
/** A drop right after an acknowledgment may be due to what was sent. A later one has an external cause. */
const QUIET_MS = 100;
/** One may be a manually sent trouble code, two a bad network. The third in a row means a rival. */
const MAX_KICKS = 3;

/** What is wrong with the server's certificate does not get better by trying. An alert is about ours. */
function isAboutServer({ details }: CmsError): boolean {
  return typeof details.tlsError === 'string' && !details.tlsError.includes('ALERT');
}

function isAboutTime({ details }: CmsError): boolean {
  const kind = causeOfCode(String(details.tlsError))?.kind;
  return kind === 'expired' || kind === 'early';
}

/**
 * Decides whether to keep trying to connect. MQTT 3.1.1 gives no reason when a server drops a client, so it is inferred
 * from the circumstances: AWS IoT drops a client that publishes where its policy forbids it, and the older of two
 * connections with the same client id. Each method returns the error to end with, or undefined to continue.
 */
export class Diagnosis {
  readonly #suspect: Suspect;
  readonly #now: () => number;
  #refusals = 0;
  #unreachable = 0;
  #everConnected = false;
  #unanswered = { serial: 0, times: 0 };
  /** A drop counts 1 when nothing was in flight, and 0.5 when it may have another reason. */
  #kicks = 0;

  constructor(suspect: Suspect, now: () => number) {
    this.#suspect = suspect;
    this.#now = now;
  }

  connected(): void {
    this.#everConnected = true;
    this.#refusals = 0;
  }

  notConnected(error: CmsError): CmsError | undefined {
    switch (error.code) {
      case 'ENDPOINT_UNREACHABLE':
        // The server is down for everybody, so this is neither a refusal nor a rival.
        this.#refusals = 0;
        this.#kicks = 0;
        this.#unreachable += 1;
        return this.#everConnected || this.#unreachable < MAX_UNREACHABLE ? undefined : error;
      case 'MQTT_CONNECT_REFUSED':
        // A server's certificate that is out of date here leaves the clock as the reason, for ours as well.
        if (!this.#everConnected && isAboutServer(error)) {
          return isAboutTime(error) ? error : (this.#outOfDates() ?? error);
        }
        this.#refusals += 1;
        return this.#outOfDates() ?? (this.#refusals < MAX_REFUSALS ? undefined : error);
      case 'MQTT_CONNECTION_LOST':
        return undefined;
      default:
        return error;
    }
  }

  dropped(drop: Drop): CmsError | undefined {
    const { oldest, acknowledgements, openMs, quietMs } = drop;
    if (oldest !== undefined && acknowledgements === 0) {
      const times = this.#unanswered.serial === oldest.serial ? this.#unanswered.times + 1 : 1;
      this.#unanswered = { serial: oldest.serial, times };
      return times < MAX_UNANSWERED ? undefined : (this.#outOfDates() ?? this.#forbidden(oldest.topic));
    }
    if (openMs >= STABLE_MS) this.#kicks = 0;
    this.#kicks += oldest === undefined && quietMs >= QUIET_MS ? 1 : 0.5;
    return this.#kicks < MAX_KICKS ? undefined : this.#kicked();
  }

  /**
   * What to make of a verdict CLIENT_ID_IN_USE when a connection without any client id was compared: undefined when that
   * was ended at the same age, so that the vehicle is not alone with it and drives on.
   */
  compared(verdict: CmsError, openMs: number, { openMs: otherMs, ended }: Comparison): CmsError | undefined {
    if (!ended) return otherMs >= openMs ? verdict : this.#kicked(false);
    if (Math.abs(otherMs - openMs) > Math.max(ALIKE.ms, ALIKE.part * openMs)) return this.#kicked(false);
    this.#kicks = 0;
    return undefined;
  }

  /** The problem of a vehicle whose connections are ended by something in between. */
  cutInBetween(openMs: number): CmsError {
    const { address, clientId } = this.#suspect;
    const values = { address, seconds: Math.max(1, Math.round(openMs / 1000)) };
    return new CmsError(
      'MQTT_CONNECTION_LOST',
      l10n.t(
        'Something between this computer and {address} ends connections after about {seconds} s, no matter who opened them.',
        values,
      ),
      {
        remedy: l10n.t(
          'Ask for connections to {address} to be left open; a proxy, a firewall or a VPN gateway may cut them. Nothing is lost: messages are sent again.',
          { address },
        ),
        details: { clientId },
      },
    );
  }

  /** Whether to send only one message at a time, in order to find out which one is at fault. */
  get careful(): boolean {
    return this.#unanswered.times > 0;
  }

  acknowledged(): void {
    this.#unanswered = { serial: 0, times: 0 };
  }

  #outOfDates(): CmsError | undefined {
    const { vin, certificatePem } = this.#suspect;
    try {
      const { validTo } = new X509Certificate(certificatePem);
      const notAfter = new Date(validTo);
      if (notAfter.getTime() > this.#now()) return undefined;
      return new CmsError(
        'CERTIFICATE_UNUSABLE',
        l10n.t('The production certificate of {vin} expired at {time}.', {
          vin,
          time: notAfter.toISOString(),
        }),
        {
          step: 'connect',
          remedy: clockOrReplace(this.#now()),
        },
      );
    } catch (error) {
      return new CmsError(
        'CERTIFICATE_UNUSABLE',
        l10n.t('The production certificate of {vin} cannot be read: {problem}.', {
          vin,
          problem: messageOf(error),
        }),
        { step: 'connect', remedy: REPLACE },
      );
    }
  }

  #forbidden(topic: string): CmsError {
    const { clientId, address } = this.#suspect;
    return new CmsError(
      'MQTT_PUBLISH_FAILED',
      l10n.t('{address} drops client {clientId} whenever it publishes on {topic}.', {
        address,
        clientId,
        topic,
      }),
      {
        step: 'publish',
        remedy: l10n.t(
          'Likely cause: the policy of the certificate does not allow iot:Publish on {topic}, which must hold the client id.',
          { topic },
        ),
        details: { topic, clientId },
      },
    );
  }

  /** @param isSure whether nothing else can be why */
  #kicked(isSure = true): CmsError {
    const { vin, clientId, address } = this.#suspect;
    const values = { address, vin, clientId };
    return new CmsError(
      'CLIENT_ID_IN_USE',
      isSure
        ? l10n.t(
            '{address} took the connection away from {vin} again, soon after it was opened: somebody else is connected as {clientId}.',
            values,
          )
        : l10n.t(
            '{address} took the connection away from {vin} again, soon after it was opened, as it does when somebody else connects as {clientId}.',
            values,
          ),
      {
        step: 'connect',
        remedy: l10n.t(
          'End the other simulation or device of this vehicle, which may run on another machine; AWS IoT keeps one connection per client id, and two that compete for it lose messages. If there is no other, something between this computer and AWS IoT ends connections, such as a proxy or a firewall.',
        ),
        details: { clientId },
      },
    );
  }
}
