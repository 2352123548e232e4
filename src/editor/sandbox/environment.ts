import type { SandboxReady } from '../../protocol/sandboxReady.ts';
import { quoted, type Shell } from '../base/commandLine.ts';

/** What a terminal needs to work with the sandbox as with AWS: the AWS CLI and SDKs, and this product's command line. */
export function sandboxEnvironment(
  { endpoint, region, caFile }: SandboxReady,
  readyFile: string,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Any will do: a call only has to be signed.
    AWS_ACCESS_KEY_ID: 'sandbox',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_CA_BUNDLE: caFile,
    // Where our command line finds by what the sandbox proves itself: not the secret, for programs list environments.
    CMS_SANDBOX_READY: readyFile,
  };
}

/** What would win over it, from an account somebody works with. */
export const IN_THE_WAY = [
  ...['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'],
  // They forbid an endpoint of one's own.
  ...['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'],
  ...[
    'BATCH',
    'CLOUDFORMATION',
    'CLOUDWATCH_LOGS',
    'COGNITO_IDENTITY_PROVIDER',
    'DYNAMODB',
    'ECS',
    'IAM',
    'IOT',
    'IOT_DATA_PLANE',
    'IOT_JOBS_DATA_PLANE',
    'KAFKA',
    'KINESIS_ANALYTICS_V2',
    'LAMBDA',
    'S3',
    'SECRETS_MANAGER',
    'SERVICE_QUOTAS',
    'SSM',
    'STS',
  ].map((service) => `AWS_ENDPOINT_URL_${service}`),
];
/** A proxy of the company is not asked for what is on this computer. */
const LOCAL_HOSTS = '127.0.0.1,localhost';

/** What `NO_PROXY` says then, besides what it says already. */
export function withoutProxy(before: string | undefined): string {
  return before === undefined || before === '' ? LOCAL_HOSTS : `${LOCAL_HOSTS},${before}`;
}

/** Lines to paste into a shell. */
export function shellLines(variables: Readonly<Record<string, string>>, shell: Shell): string {
  const lines = Object.entries(variables).map(([name, value]) =>
    shell === 'powershell'
      ? `$env:${name} = ${quoted(value, shell)}`
      : `export ${name}=${quoted(value, shell)}`,
  );
  const clear = shell === 'powershell' ? IN_THE_WAY.map((name) => `Env:${name}`) : IN_THE_WAY;
  lines.unshift(
    shell === 'powershell'
      ? `Remove-Item ${clear.join(', ')} -ErrorAction SilentlyContinue`
      : `unset ${clear.join(' ')}`,
  );
  lines.push(
    shell === 'powershell'
      ? `$env:NO_PROXY = (@('${LOCAL_HOSTS}', $env:NO_PROXY) | Where-Object { $_ }) -join ','`
      : `export NO_PROXY="${LOCAL_HOSTS}\${NO_PROXY:+,$NO_PROXY}" no_proxy="${LOCAL_HOSTS}\${no_proxy:+,$no_proxy}"`,
  );
  return `${lines.join('\n')}\n`;
}

/** The keys of a profile for the sandbox. */
export function sandboxProfile(
  { endpoint, region, caFile }: SandboxReady,
  readyFile: string,
): Record<string, string> {
  return {
    region,
    endpoint_url: endpoint,
    aws_access_key_id: 'sandbox',
    aws_secret_access_key: 'sandbox',
    ca_bundle: caFile,
    // Other tools pass over what they do not know.
    cms_sandbox_ready: readyFile,
  };
}
