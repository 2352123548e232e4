import { X509Certificate } from 'node:crypto';
import { CmsError, messageOf } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';

export interface Suspect {
  vin: string;
  clientId: string;
  /** Host and port. */
  address: string;
  certificatePem: string;
}

/** How a connection ended that had been open. */
export interface Drop {
  /** How long it was open. */
  openMs: number;
  acknowledgements: number;
  /** The oldest message without an acknowledgement. */
  oldest: { serial: number; topic: string } | undefined;
  /** Since the last acknowledgement or, without one, since it was opened. */
  quietMs: number;
}

/** Rotating begins with the certificate there is, and cannot help against this. */
const REPLACE = l10n.t(
  'Provision the vehicle with "replace" (--replace), which sets the old pair aside and never deletes it.',
);

/** In a row; AWS IoT also refuses a connect when the account is over its rate. */
const MOST_REFUSALS = 3;
/** In a row, before there ever was a connection: a wrong address must not be tried for ever. */
const MOST_UNREACHABLE = 3;
/** In a row, each with nothing acknowledged and the same message outstanding. */
const MOST_UNANSWERED = 4;
/** A connection that lived longer was not fought over: a rival comes back within its own, shorter back-off. */
export const STABLE_MS = 30_000;
/** A drop right after an acknowledgement can have to do with what was sent; later it came from outside. */
const QUIET_MS = 100;
/** One is a trouble code by hand, two a bad network: the third in a row is a fight. */
const MOST_KICKS = 3;

/**
 * Decides whether to go on trying to connect. MQTT 3.1.1 gives no reason when a server drops a client, so the
 * circumstances decide: AWS IoT drops a client that publishes where its policy forbids it, and the older of two
 * connections with the same client id. Each method returns the error to end with, or undefined to go on.
 */
export class Diagnosis {
  readonly #suspect: Suspect;
  readonly #now: () => number;
  #refusals = 0;
  #unreachable = 0;
  #everConnected = false;
  #unanswered = { serial: 0, times: 0 };
  /** A kick counts 1 when nothing was under way, and 0.5 when the drop may have another reason. */
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
        // The server is gone for everybody: neither a refusal nor a kick.
        this.#refusals = 0;
        this.#kicks = 0;
        this.#unreachable += 1;
        return this.#everConnected || this.#unreachable < MOST_UNREACHABLE ? undefined : error;
      case 'MQTT_CONNECT_REFUSED':
        this.#refusals += 1;
        return this.#outOfDates() ?? (this.#refusals < MOST_REFUSALS ? undefined : error);
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
      return times < MOST_UNANSWERED ? undefined : (this.#outOfDates() ?? this.#forbidden(oldest.topic));
    }
    if (openMs >= STABLE_MS) this.#kicks = 0;
    this.#kicks += oldest === undefined && quietMs >= QUIET_MS ? 1 : 0.5;
    return this.#kicks < MOST_KICKS ? undefined : this.#kicked();
  }

  /** Whether only one message may be sent until it is acknowledged, so that it is known which one is at fault. */
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
          remedy: REPLACE,
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

  #kicked(): CmsError {
    const { vin, clientId, address } = this.#suspect;
    return new CmsError(
      'CLIENT_ID_IN_USE',
      l10n.t(
        '{address} took the connection away from {vin} again, soon after it was opened: somebody else is connected as {clientId}.',
        { address, vin, clientId },
      ),
      {
        step: 'connect',
        remedy: l10n.t(
          'End the other simulation or device of this vehicle, which may run on another machine; AWS IoT keeps one connection for a client id, and two that fight for it lose messages.',
        ),
        details: { clientId },
      },
    );
  }
}
