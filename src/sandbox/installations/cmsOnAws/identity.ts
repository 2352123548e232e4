import type { Context } from '../../kernel/context.ts';
import { hostEndingOf } from '../../kit/partition.ts';
import type { Aws } from '../../services/services.ts';

/** What the stack `auth-setup` makes: one for each identity provider, which several deployments may share. */
export interface Identity {
  readonly userPoolId: string;
  readonly issuer: string;
  readonly userClientId: string;
  readonly serviceClientId: string;
  readonly scopes: readonly string[];
  /** Names of the secrets. */
  readonly secrets: { readonly idp: string; readonly service: string; readonly user: string };
}

/** Makes it, unless it is there. */
export function ensureIdentity(
  context: Context,
  aws: Pick<Aws, 'cognito' | 'secretsManager'>,
  idp: string,
): Identity {
  const { config, endpoints, store } = context;
  const { pools } = aws.cognito;
  const known = store.table<Omit<Identity, 'secrets' | 'issuer' | 'scopes'>>('cms-on-aws.identities');
  const userScope = `${idp}-user-resource-server/${idp}-user`;
  const serviceScope = `${idp}-service-resource-server/${idp}-service`;

  function create(): Omit<Identity, 'secrets' | 'issuer' | 'scopes'> {
    const userPoolId = pools.create({
      seed: `cms-on-aws/${idp}`,
      name: `${idp}-user-pool`,
      aliasAttributes: ['email'],
      requiredAttributes: ['email'],
      settings: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } },
      policy: {
        MinimumLength: 8,
        RequireUppercase: true,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
        TemporaryPasswordValidityDays: 7,
      },
    });
    const userClientId = pools.createClient(userPoolId, {
      seed: `cms-on-aws/${idp}/user`,
      name: `${idp}-user-client`,
      secret: true,
      settings: {
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['code'],
        AllowedOAuthScopes: ['email', 'openid', 'profile', userScope],
        CallbackURLs: ['https://example.com'],
      },
    });
    const serviceClientId = pools.createClient(userPoolId, {
      seed: `cms-on-aws/${idp}/service`,
      name: `${idp}-service-client`,
      secret: true,
      settings: {
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: [serviceScope],
      },
    });
    const made = { userPoolId, userClientId, serviceClientId };
    known.set(idp, made);
    return made;
  }

  const made = known.get(idp) ?? create();
  const issuer = `https://cognito-idp.${config.region}.${hostEndingOf(config.region)}/${made.userPoolId}`;
  const scopes = ['email', 'openid', 'profile', userScope, serviceScope];
  const secrets = {
    idp: `/solution/auth/${idp}/idp-config`,
    service: `/solution/auth/${idp}/service-client-config/default`,
    user: `/solution/auth/${idp}/user-client-config/default`,
  };
  const text = (value: object): string => JSON.stringify(value);
  const secretOf = (clientId: string): string => pools.secretOf(clientId) ?? '';
  /** The port may be another than at the last start. */
  const put = (name: string, value: string): void => {
    const { secrets: all } = aws.secretsManager;
    const before = all.find(name);
    if (before === undefined) all.ensure({ name, value });
    else if (before.versions.at(-1)?.value !== value) all.put(name, value);
  };
  put(
    secrets.idp,
    text({
      issuer,
      token_endpoint: `${endpoints.http}/oauth2/token`,
      authorization_endpoint: `${endpoints.http}/oauth2/authorize`,
      logout_endpoint: `${endpoints.http}/logout`,
      alternate_aud_key: 'client_id',
      auds: [made.userClientId, made.serviceClientId],
      scopes,
    }),
  );
  put(
    secrets.service,
    text({ client_id: made.serviceClientId, client_secret: secretOf(made.serviceClientId), audience: '' }),
  );
  put(secrets.user, text({ client_id: made.userClientId, client_secret: secretOf(made.userClientId) }));
  return { ...made, issuer, scopes, secrets };
}
