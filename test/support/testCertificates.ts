import { createIssuer, publicKeyOf, selfSign } from '../../src/sandbox/authority/issuer.ts';
import { generateEcKey } from '../../src/sandbox/authority/keys.ts';
import { SubjectAlternativeNameExtension } from '../../src/sandbox/authority/x509.ts';

const DAY = 86_400_000;

export interface TestCa {
  /** PEM of the root. */
  readonly root: string;
  /** PEM of its private key. */
  readonly key: string;
  /** A server's certificate for these names, and its key. */
  server(
    names: readonly string[],
    days?: { from: number; to: number },
  ): Promise<{ cert: string; key: string }>;
}

/** A CA of its own, for servers of tests. */
export async function createTestCa(name = 'Test Root'): Promise<TestCa> {
  const caKey = await generateEcKey();
  const dates = (from: number, to: number) => ({
    notBefore: new Date(Date.now() + from * DAY),
    notAfter: new Date(Date.now() + to * DAY),
  });
  const { certificatePem } = await selfSign(`CN=${name}`, caKey, dates(-1000, 1000));
  const issuer = await createIssuer(certificatePem, caKey);
  return {
    root: certificatePem,
    key: caKey,
    async server(names, { from, to } = { from: -1, to: 1 }) {
      const key = await generateEcKey();
      const alternative = new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
      );
      const { certificatePem: cert } = await issuer.issue('CN=server', publicKeyOf(key), dates(from, to), [
        alternative,
      ]);
      return { cert, key };
    },
  };
}
