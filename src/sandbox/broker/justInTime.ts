import { X509Certificate } from 'node:crypto';
import type { IotRegistry, RegisteredCa, RegisteredCertificate } from '../services/iot/contract.ts';
import type { Context } from '../kernel/context.ts';

/**
 * Certificates of the account's own CAs that register themselves when they first connect (AWS IoT Developer Guide,
 * "Register a client certificate when the client connects to AWS IoT just-in-time registration (JITR)" and
 * "Just-in-time provisioning").
 */
export interface JustInTime {
  /** Whether a certificate is one of these. Then what its client sends first is waited for. */
  expects(certificate: X509Certificate, registered: RegisteredCertificate | undefined): boolean;
  /**
   * Called when a client sends CONNECT with a certificate that is not registered or still awaits activation; a TLS
   * handshake alone registers nothing (measured on AWS, ministack 1755). Registers it if
   * the CA that signed it allows that, and announces on `$aws/events/certificates/registered/<CA>` that it awaits
   * activation. The connection is refused either way; the device tries again.
   */
  contact(certificate: X509Certificate, registered: RegisteredCertificate | undefined): Promise<void>;
}

export function createJustInTime(
  context: Context,
  registry: IotRegistry,
  publish: (topic: string, payload: string) => void,
): JustInTime {
  /** Registrations in progress, so that several connections with one new certificate register it once. */
  const registrations = new Map<string, Promise<void>>();

  function announce(certificate: RegisteredCertificate): void {
    const { caCertificateId, certificateId } = certificate;
    if (caCertificateId === undefined) return;
    publish(
      `$aws/events/certificates/registered/${caCertificateId}`,
      JSON.stringify({
        certificateId,
        caCertificateId,
        timestamp: context.clock.now(),
        certificateStatus: certificate.status,
        awsAccountId: context.config.accountId,
        certificateRegistrationTimestamp: String(certificate.createdAt),
      }),
    );
  }

  function signerOf(certificate: X509Certificate): RegisteredCa | undefined {
    const ca = registry.caCertificates().find((candidate) => isSignedBy(candidate, certificate));
    return ca?.autoRegistration === true ? ca : undefined;
  }

  async function register(certificate: X509Certificate): Promise<RegisteredCertificate | undefined> {
    const ca = signerOf(certificate);
    if (ca === undefined) return undefined;
    try {
      return await registry.autoRegister(certificate.toString(), ca.caCertificateId);
    } catch (error) {
      context.log('warn', `A certificate could not register itself: ${String(error)}`);
      return undefined;
    }
  }

  return {
    expects: (certificate, registered) =>
      registered === undefined
        ? signerOf(certificate) !== undefined
        : registered.status === 'PENDING_ACTIVATION' && registered.caCertificateId !== undefined,
    contact(certificate, registered) {
      const key = certificate.fingerprint256;
      const pending = registrations.get(key);
      if (pending !== undefined) return pending;
      const work = register(certificate)
        .then((fresh = registered) => {
          if (fresh !== undefined) announce(fresh);
        })
        .finally(() => registrations.delete(key));
      registrations.set(key, work);
      return work;
    },
  };
}

function isSignedBy(ca: RegisteredCa, certificate: X509Certificate): boolean {
  try {
    const issuer = new X509Certificate(ca.certificatePem);
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
