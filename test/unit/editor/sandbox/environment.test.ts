import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { IN_THE_WAY } from '../../../../src/editor/sandbox/environment.ts';

/** AWS's service ids (SDKs and Tools Reference Guide, "Service-specific endpoints") where the folder has another name. */
const SERVICE_IDS: Readonly<Record<string, string>> = {
  cognito: 'COGNITO_IDENTITY_PROVIDER',
  flink: 'KINESIS_ANALYTICS_V2',
  iotData: 'IOT_DATA_PLANE',
  logs: 'CLOUDWATCH_LOGS',
  secretsManager: 'SECRETS_MANAGER',
  serviceQuotas: 'SERVICE_QUOTAS',
};

describe('The environment for the sandbox', () => {
  it('lets no endpoint of a single service win over that of the sandbox', () => {
    const services = readdirSync(path.resolve(__dirname, '../../../../src/sandbox/services'), {
      withFileTypes: true,
    }).filter((entry) => entry.isDirectory());
    assert.ok(services.length >= 7);
    const missing = services
      .map(({ name }) => `AWS_ENDPOINT_URL_${SERVICE_IDS[name] ?? name.toUpperCase()}`)
      .filter((variable) => !IN_THE_WAY.includes(variable));
    assert.deepEqual(missing, []);
  });

  it('forbids no endpoint', () => {
    for (const name of [
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
      'AWS_USE_FIPS_ENDPOINT',
      'AWS_USE_DUALSTACK_ENDPOINT',
    ])
      assert.ok(IN_THE_WAY.includes(name), name);
  });
});
