import { keepSecret } from '../core/secrets.ts';

/**
 * Keeps a secret access key out of all text. Those of AWS have forty characters; a short one is a made-up word, such as
 * the sandbox takes.
 */
export function keepSecretKey(key: string | undefined): void {
  if (key !== undefined && key.length >= 16) keepSecret(key);
}
