import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { calling } from '../../../aws/calls.ts';
import type { Connection } from '../../../aws/connection.ts';
import { refuseExposed } from '../../../aws/exposed.ts';
import { CmsError } from '../../../core/errors.ts';
import { expectField } from '../../../core/expectField.ts';
import { parseJson } from '../../../core/json.ts';
import { l10n } from '../../../core/message.ts';
import { keepSecret } from '../../../core/secrets.ts';

/** Access tokens of the service client of CMS, for its GraphQL APIs. */
export interface ServiceToken {
  /**
   * @param refused one that was not taken: another is asked for
   * @throws CmsError CMS_UNAUTHORIZED, CMS_UNAVAILABLE, CMS_ANSWER_UNEXPECTED, ENDPOINT_NOT_PRIVATE, or of the AWS call
   */
  get(signal: AbortSignal, refused?: string): Promise<string>;
}

/** One that ends within a minute is as good as none. */
const RENEW_BEFORE_MS = 60_000;
const idpSchema = z.object({ token_endpoint: z.string() });
const clientSchema = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  audience: z.string().optional(),
});
const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const refusalSchema = z.object({ error: z.string() });

/**
 * By client credentials, with what the stack `auth-setup` has written into two secrets. The identity provider may be the
 * customer's own: its values are taken as they are, and empty ones are said.
 * @param provider id of the identity provider, which several apps may share
 */
export function createServiceToken(connection: Connection, provider: string): ServiceToken {
  let kept: { token: string; until: number } | undefined;

  async function ask(signal: AbortSignal): Promise<string> {
    const path = `/solution/auth/${provider}`;
    const names = [`${path}/idp-config/secret/arn`, `${path}/service-client-config/default/secret/arn`];
    const ssm = await connection.ssm();
    const doing = l10n.t('reading where the identity provider {name} keeps its secrets', { name: provider });
    const { Parameters = [] } = await calling(doing, () =>
      ssm.send(new GetParametersCommand({ Names: names }), { abortSignal: signal }),
    );
    const [idpArn, clientArn] = names.map((name) => Parameters.find((each) => each.Name === name)?.Value);
    const idp = await secretOf(connection, idpSchema, [names[0] ?? '', idpArn], signal);
    const client = await secretOf(connection, clientSchema, [names[1] ?? '', clientArn], signal);
    keepSecret(client.client_secret);
    const url = idp.token_endpoint;
    if (!URL.canParse(url) || client.client_id === '' || client.client_secret === '') {
      throw unusable(provider);
    }
    refuseExposed(url, 'password');
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.client_id,
      client_secret: client.client_secret,
      audience: client.audience ?? '',
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await connection
      .http()
      .send({ method: 'POST', url, headers, body: body.toString(), signal });
    const read = parseJson(tokenSchema, reply.text);
    if (reply.status === 200 && read.ok) {
      const { access_token: token, expires_in: seconds } = read.value;
      keepSecret(token);
      kept = { token, until: connection.clock.now() + seconds * 1000 };
      return token;
    }
    if (reply.status === 429 || reply.status >= 500) throw busy(provider, reply.status);
    const said = parseJson(refusalSchema, reply.text);
    throw refusedToken(provider, said.ok ? said.value.error : String(reply.status));
  }

  return {
    async get(signal, refused) {
      const isGood =
        kept !== undefined && kept.token !== refused && kept.until - connection.clock.now() > RENEW_BEFORE_MS;
      return isGood && kept !== undefined ? kept.token : ask(signal);
    },
  };
}

async function secretOf<T>(
  connection: Connection,
  schema: z.ZodType<T>,
  [name, arn]: [name: string, arn: string | undefined],
  signal: AbortSignal,
): Promise<T> {
  if (arn === undefined) {
    throw new CmsError('STACK_OUTPUT_MISSING', l10n.t('There is no parameter {name}.', { name }), {
      remedy: l10n.t('Update the stack auth-setup, which writes it.'),
    });
  }
  const client = await connection.secretsManager();
  const answer = await calling(l10n.t('reading the secret {name}', { name: arn }), () =>
    client.send(new GetSecretValueCommand({ SecretId: arn }), { abortSignal: signal }),
  );
  // What is wrong with it is not quoted: it is a secret.
  const read = parseJson(schema, expectField(answer, 'SecretString', 'GetSecretValue'));
  if (read.ok) return read.value;
  throw new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('The secret {name} does not hold what the module cms-auth needs.', { name: arn }),
    { remedy: l10n.t('Fill it as the documentation of the solution says, then repeat.') },
  );
}

function unusable(provider: string): CmsError {
  return new CmsError(
    'CMS_UNAUTHORIZED',
    l10n.t('The secrets of the identity provider {name} are incomplete: a value is empty.', {
      name: provider,
    }),
    {
      remedy: l10n.t(
        'Enter token endpoint, client ID and client secret of your own identity provider into the secrets.',
      ),
    },
  );
}

function busy(provider: string, status: number): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The identity provider {name} is busy or fails ({status}).', { name: provider, status }),
    { remedy: l10n.t('Try again in a minute.'), details: { status } },
  );
}

function refusedToken(provider: string, why: string): CmsError {
  return new CmsError(
    'CMS_UNAUTHORIZED',
    l10n.t('The identity provider {name} gives the service client no token: {why}.', {
      ...{ name: provider, why },
    }),
    { remedy: l10n.t('Check the secrets idp-config and service-client-config of the identity provider.') },
  );
}
