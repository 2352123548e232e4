import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { isThisMachine } from '../network/thisMachine.ts';

/** What nobody on the way may read. */
type Secret = 'password' | 'token' | 'key';

/** Whether what goes to this URL can be read on the way: no TLS, and another machine. */
export function isExposed(url: string | undefined): url is string {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (protocol === 'http:' || protocol === 'ws:') && !isThisMachine(hostname);
}

/**
 * The one decision about what may cross the network unencrypted.
 * @throws CmsError ENDPOINT_NOT_PRIVATE when a secret would
 */
export function refuseExposed(url: string | undefined, secret: Secret): void {
  if (!isExposed(url)) return;
  const { host } = new URL(url);
  const sentences: Record<Secret, Message> = {
    password: l10n.t('A password or token would cross the network to {host} unencrypted.', { host }),
    token: l10n.t('A token would cross the network to {host} unencrypted.', { host }),
    key: l10n.t('A private key would cross the network from {host} unencrypted.', { host }),
  };
  throw new CmsError('ENDPOINT_NOT_PRIVATE', sentences[secret], {
    remedy: l10n.t(
      'Use an address that begins with https://, or reach it through a tunnel that ends on this computer, such as "ssh -L".',
    ),
    details: { host },
  });
}

/** What to tell people about an endpoint to which everything goes unencrypted. */
export function exposureWarning(url: string | undefined): Message | undefined {
  if (!isExposed(url)) return undefined;
  return l10n.t(
    'What is exchanged with {host} is not encrypted: others on the network can read and change it. Passwords, tokens and private keys are not sent or asked for.',
    { host: new URL(url).host },
  );
}
