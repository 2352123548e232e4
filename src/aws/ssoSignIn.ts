import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { getHomeDir } from '@smithy/shared-ini-file-loader';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { l10n } from '../core/message.ts';
import { makeFolder, writeFileSafely } from '../core/safeFiles.ts';
import { keepSecret } from '../core/secrets.ts';
import type { Work } from '../core/work.ts';
import { isThisMachine } from '../network/thisMachine.ts';
import { calling } from './calls.ts';
import type { ConnectionOptions } from './connection.ts';
import { endpointConfig } from './endpointConfig.ts';
import { toCmsError } from './errors.ts';
import { refuseExposed } from './exposed.ts';
import { createOutbound } from './outbound.ts';
import { profileChain, type SsoSource } from './profileChain.ts';
import { readProfileFiles } from './profiles.ts';
import { resolveSettings } from './settings.ts';

/** What a person is shown: where to say yes, and the code that must stand there. */
export interface DeviceCode {
  url: string;
  code: string;
}

/** How AWS says "not yet" and "too often" (RFC 8628, section 3.5). */
const NOT_YET = 'AuthorizationPendingException';
const TOO_OFTEN = 'SlowDownException';
const SLOWER_MS = 5_000;
/** Seconds. Whoever answers may be no AWS: what it says decides neither to ask without a pause, nor for ever. */
const INTERVAL = { least: 1, usual: 5, most: 60 };
const MINUTES_10 = 600;
const CODE_LIVES = { least: 1, usual: MINUTES_10, most: 6 * MINUTES_10 };
const DAY = 86_400;
const TOKEN_LIVES = { least: 0, usual: 0, most: 400 * DAY };
const TOKEN_BY_DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Signs in to AWS single sign-on as `aws sso login --use-device-code` does: a person says yes in a browser, and the token
 * goes to where the AWS CLI and SDKs look for it, `~/.aws/sso/cache` (AWS CLI User Guide, "Configuring IAM Identity
 * Center authentication"). Returns the profile that was signed in, which may be one that the given profile builds on.
 * @throws CmsError REQUEST_INVALID when the profile has no single sign-on, CREDENTIALS_EXPIRED when nobody said yes in
 *   time, ACCESS_DENIED when somebody said no, AWS_ANSWER_UNEXPECTED when the address to confirm at is no web page
 */
export async function signInSso(
  options: ConnectionOptions & { profile: string },
  show: (device: DeviceCode) => unknown,
  { signal, clock }: Pick<Work, 'signal' | 'clock'>,
): Promise<string> {
  const files = await readProfileFiles();
  const { source, last: profile } = profileChain(files, options.profile);
  if (source.kind !== 'sso') {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('Profile {profile} does not use AWS single sign-on.', { profile: options.profile }),
      { remedy: l10n.t('Choose a profile with sso_session or sso_start_url.') },
    );
  }
  // First: a sign-in whose token cannot be kept would be for nothing.
  const cache = await tokenFolder();
  const settings = await resolveSettings({ ...options, region: options.region ?? source.region });
  const outbound = await createOutbound(settings, options);
  const endpoint = settings.endpointOf('sso_oidc');
  refuseExposed(endpoint, 'token');
  const { SSOOIDCClient, RegisterClientCommand, StartDeviceAuthorizationCommand, CreateTokenCommand } =
    await import('@aws-sdk/client-sso-oidc');
  const client = new SSOOIDCClient({
    region: source.region,
    requestHandler: outbound.requestHandler,
    ...settings.retry,
    ...settings.variants,
    ...defined({ profile: settings.profile }),
    ...endpointConfig(endpoint),
  });
  (client.middlewareStack as { use(plugin: object): void }).use(outbound.answers);
  const doing = l10n.t('signing in to AWS SSO');
  try {
    const registered = await calling(doing, () =>
      client.send(
        new RegisterClientCommand({
          clientName: 'cms-enablement',
          clientType: 'public',
          // Without a session the token is one that cannot be renewed.
          ...(source.session === undefined ? {} : { scopes: [...source.scopes] }),
        }),
        { abortSignal: signal },
      ),
    );
    const clientId = expectField(registered, 'clientId', 'RegisterClient');
    const clientSecret = expectField(registered, 'clientSecret', 'RegisterClient');
    keepSecret(clientSecret);
    const started = await calling(doing, () =>
      client.send(
        new StartDeviceAuthorizationCommand({ clientId, clientSecret, startUrl: source.startUrl }),
        { abortSignal: signal },
      ),
    );
    const deviceCode = expectField(started, 'deviceCode', 'StartDeviceAuthorization');
    keepSecret(deviceCode);
    await show({
      url: openable(
        started.verificationUriComplete ??
          expectField(started, 'verificationUri', 'StartDeviceAuthorization'),
      ),
      code: expectField(started, 'userCode', 'StartDeviceAuthorization'),
    });
    const ask = new CreateTokenCommand({ clientId, clientSecret, deviceCode, grantType: TOKEN_BY_DEVICE });
    const token = await untilSaid(
      () => client.send(ask, { abortSignal: signal }),
      {
        profile,
        everyMs: within(INTERVAL, started.interval) * 1000,
        until: clock.now() + within(CODE_LIVES, started.expiresIn) * 1000,
      },
      { signal, clock },
    );
    const accessToken = expectField(token, 'accessToken', 'CreateToken');
    keepSecret(accessToken);
    keepSecret(token.refreshToken);
    await keepToken(cache, source, {
      startUrl: source.startUrl,
      region: source.region,
      accessToken,
      expiresAt: timestamp(
        clock.now() + within(TOKEN_LIVES, expectField(token, 'expiresIn', 'CreateToken')) * 1000,
      ),
      ...(token.refreshToken === undefined
        ? {}
        : {
            clientId,
            clientSecret,
            registrationExpiresAt: timestamp(
              Math.min(
                expectField(registered, 'clientSecretExpiresAt', 'RegisterClient') * 1000,
                clock.now() + TOKEN_LIVES.most * 1000,
              ),
            ),
            refreshToken: token.refreshToken,
          }),
    });
    return profile;
  } finally {
    client.destroy();
    outbound.close();
  }
}

/**
 * The address that a person's browser is sent to.
 * @throws CmsError AWS_ANSWER_UNEXPECTED for what is no web page: other schemes start programs
 */
function openable(url: string): string {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname))) return url;
  throw new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('The address at which to confirm the sign-in is not an HTTPS web page: {url}', {
      url: url.slice(0, 200),
    }),
    { remedy: l10n.t('Check what answers at the endpoint of AWS SSO.') },
  );
}

function within({ least, usual, most }: typeof INTERVAL, value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? usual : Math.min(most, Math.max(least, value));
}

/** Asks until a person has said yes or no, as often as AWS wants it, and as long as the code lives. */
async function untilSaid<T>(
  ask: () => Promise<T>,
  { profile, everyMs, until }: { profile: string; everyMs: number; until: number },
  { signal, clock }: Pick<Work, 'signal' | 'clock'>,
): Promise<T> {
  for (let wait = everyMs; ;) {
    if (clock.now() + wait > until) throw notConfirmed(profile);
    await clock.sleep(wait, signal);
    try {
      return await ask();
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === TOO_OFTEN) wait += SLOWER_MS;
      else if (name === 'ExpiredTokenException') throw notConfirmed(profile, error);
      else if (name === 'AccessDeniedException') {
        throw new CmsError(
          'ACCESS_DENIED',
          l10n.t('The sign-in of profile {profile} was denied in the browser.', { profile }),
          { remedy: l10n.t('Sign in again, and allow the access.'), details: { profile }, cause: error },
        );
      } else if (name !== NOT_YET) {
        throw toCmsError(error, l10n.t('signing in to AWS SSO'));
      }
    }
  }
}

function notConfirmed(profile: string, cause?: unknown): CmsError {
  return new CmsError(
    'CREDENTIALS_EXPIRED',
    l10n.t('Nobody confirmed the sign-in of profile {profile} in time.', { profile }),
    { remedy: l10n.t('Sign in again.'), details: { profile }, cause },
  );
}

/** Where every AWS tool looks for it: by the session, or by the start URL of an older profile. */
async function keepToken(folder: string, { session, startUrl }: SsoSource, token: object): Promise<void> {
  const name = createHash('sha1')
    .update(session ?? startUrl)
    .digest('hex');
  await writeFileSafely(join(folder, `${name}.json`), JSON.stringify(token, null, 2));
}

/** `~/.aws` itself may lie behind a link, as those who keep their settings elsewhere have it. */
async function tokenFolder(): Promise<string> {
  const named = join(getHomeDir(), '.aws');
  const root = await realpath(named).catch(() => named);
  const folder = join(root, 'sso', 'cache');
  await makeFolder(root, folder);
  return folder;
}

/** As the AWS CLI writes it, without milliseconds. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
