import { X509Certificate } from 'node:crypto';
import type { IotRegistry, RegisteredCa, RegisteredCertificate } from '../contracts/aws.ts';
import type { Context } from '../contracts/kernel.ts';

/**
 * Certificates of the account's own CAs that register themselves when they first connect (AWS IoT Developer Guide,
 * "Register a client certificate when the client connects to AWS IoT just-in-time registration (JITR)" and
 * "Just-in-time provisioning").
 */
export interface JustInTime {
  /**
   * A certificate came that is not registered, or still waits for its activation: registers it when the CA that
   * signed it allows that, and tells on `$aws/events/certificates/registered/<CA>` that it waits. The connection
   * that brought it is refused either way; the device tries again.
   */
  contact(certificate: X509Certificate, registered: RegisteredCertificate | undefined): Promise<void>;
}

export function createJustInTime(
  context: Context,
  registry: IotRegistry,
  publish: (topic: string, payload: string) => void,
): JustInTime {
  /** Several connections of one new certificate register it once. */
  const underWay = new Map<string, Promise<void>>();

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

  async function register(certificate: X509Certificate): Promise<RegisteredCertificate | undefined> {
    const ca = registry.caCertificates().find((candidate) => signed(candidate, certificate));
    if (ca?.autoRegistration !== true) return undefined;
    try {
      return await registry.autoRegister(certificate.toString(), ca.caCertificateId);
    } catch (error) {
      context.log('warn', `A certificate could not register itself: ${String(error)}`);
      return undefined;
    }
  }

  return {
    contact(certificate, registered) {
      const key = certificate.fingerprint256;
      const known = underWay.get(key);
      if (known !== undefined) return known;
      const work = register(certificate)
        .then((fresh = registered) => {
          if (fresh !== undefined) announce(fresh);
        })
        .finally(() => underWay.delete(key));
      underWay.set(key, work);
      return work;
    },
  };
}

function signed(ca: RegisteredCa, certificate: X509Certificate): boolean {
  try {
    const issuer = new X509Certificate(ca.certificatePem);
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
