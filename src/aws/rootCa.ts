import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { limitOf } from '../core/bounded.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { readCertificates } from '../network/roots.ts';

const AMAZON_ROOT = /^CN=Amazon Root CA 1$/m;
const OTHER_AMAZON_ROOTS = /^CN=(Amazon Root CA [234]|Starfield Services Root Certificate Authority - G2)$/m;

/** PEM of Amazon Root CA 1, from the roots Node.js carries (AWS IoT Core, "Server authentication"). */
export function amazonRootCa(): string {
  const pem = rootCertificates.find((root) => AMAZON_ROOT.test(new X509Certificate(root).subject));
  if (pem === undefined) {
    throw new CmsError('CA_FILE_UNREADABLE', l10n.t('This Node.js does not include Amazon Root CA 1.'), {
      remedy: l10n.t('Specify a file with Amazon Root CA 1 as the CA file.'),
    });
  }
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}

/** Every root that servers of AWS IoT may lead to, in PEM (AWS IoT Core, "Server authentication"). */
export function amazonRoots(): string[] {
  return [
    amazonRootCa(),
    ...rootCertificates.filter((root) => OTHER_AMAZON_ROOTS.test(new X509Certificate(root).subject)),
  ];
}

/**
 * PEM of each certificate of a CA file, or of the files of a folder, and nothing else that stands there: AWS's native library takes no other text.
 * Throws CmsError CA_FILE_UNREADABLE if it cannot be read or holds no certificate.
 */
export async function readCaFile(file: string): Promise<string[]> {
  let found: string[];
  try {
    found = await readCertificates(file);
    if (found.length === 0) throw new Error('It holds no certificate in PEM.');
  } catch (cause) {
    const why = limitOf(cause);
    const sentence =
      why === undefined
        ? l10n.t('The CA file {file} cannot be used.', { file })
        : l10n.t('The CA file {file} cannot be used: {why}.', { file, why });
    throw new CmsError('CA_FILE_UNREADABLE', sentence, {
      remedy: l10n.t('Specify a readable PEM file with at least one certificate.'),
      details: { file },
      cause,
    });
  }
  return found;
}
