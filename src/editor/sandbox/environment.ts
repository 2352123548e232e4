import type { SandboxReady } from '../../protocol/sandboxReady.ts';

export type Shell = 'posix' | 'powershell';

/** What a terminal needs to work with the sandbox as with AWS: the AWS CLI and SDKs, and this product's command line. */
export function sandboxEnvironment({ endpoint, region, caFile }: SandboxReady): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Any will do: a call only has to be signed.
    AWS_ACCESS_KEY_ID: 'sandbox',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_CA_BUNDLE: caFile,
  };
}

/** What would win over it, from an account somebody works with. */
export const IN_THE_WAY = ['AWS_PROFILE', 'AWS_SESSION_TOKEN'] as const;

/** Lines to paste into a shell. */
export function shellLines(variables: Readonly<Record<string, string>>, shell: Shell): string {
  const lines = Object.entries(variables).map(([name, value]) =>
    shell === 'powershell'
      ? `$env:${name} = '${value.replaceAll("'", "''")}'`
      : `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  );
  const clear = shell === 'powershell' ? IN_THE_WAY.map((name) => `Env:${name}`) : IN_THE_WAY;
  lines.unshift(
    shell === 'powershell'
      ? `Remove-Item ${clear.join(', ')} -ErrorAction SilentlyContinue`
      : `unset ${clear.join(' ')}`,
  );
  return `${lines.join('\n')}\n`;
}

/** The keys of a profile for the sandbox. */
export function sandboxProfile({ endpoint, region, caFile }: SandboxReady): Record<string, string> {
  return {
    region,
    endpoint_url: endpoint,
    aws_access_key_id: 'sandbox',
    aws_secret_access_key: 'sandbox',
    ca_bundle: caFile,
  };
}
