export interface Authority {
  /** The sandbox's root certificate in PEM. It signs the server certificate and all device certificates. */
  readonly rootPem: string;
  /** Key and certificate of the MQTT listener: SAN localhost, 127.0.0.1, ::1. */
  readonly server: { certificatePem: string; privateKeyPem: string };
  issueKeysAndCertificate(days?: number): Promise<IssuedKeys>;
  /** Accepts PEM with or without line breaks. Throws an Error with a readable message when the CSR is invalid. */
  issueFromCsr(csrPem: string, days?: number): Promise<{ certificateId: string; certificatePem: string }>;
}

export interface IssuedKeys {
  /** SHA-256 of the DER, lower-case hex. */
  certificateId: string;
  certificatePem: string;
  publicKeyPem: string;
  privateKeyPem: string;
}
