import type { SandboxConfig } from '../kernel/context.ts';
import type { HttpRequest } from '../kernel/http.ts';
import { parseJson } from '../kit/json.ts';
import { arnOf } from '../kit/partition.ts';

/**
 * The resource of a call, as far as roles of functions are allowed some by ARN here; `*` for all others (Service
 * Authorization Reference, AWS IoT, Amazon DynamoDB and Amazon S3).
 */
export function callResource(config: SandboxConfig, service: string, request: HttpRequest): string {
  if (service === 'dynamodb') {
    const { TableName: name } = (parseJson(request.body.toString('utf8')) ?? {}) as { TableName?: string };
    if (name === undefined) return '*';
    return name.startsWith('arn:') ? name : arnOf(config, 'dynamodb', `table/${name}`);
  }
  if (service === 's3')
    return `arn:aws:s3:::${request.path.split('/').filter(Boolean).map(decodeURIComponent).join('/')}`;
  if (service !== 'iot') return '*';
  const [, kind = '', name, part] = request.path.split('/').map(decodeURIComponent);
  const principal = request.headers['x-amzn-principal'];
  if (kind === 'things' && name !== undefined) {
    const isAttaching = part === 'principals' && principal !== undefined;
    return isAttaching ? principal : arnOf(config, 'iot', `thing/${name}`);
  }
  if (kind === 'certificates' && name !== undefined) return arnOf(config, 'iot', `cert/${name}`);
  if (kind === 'provisioning-templates' && name !== undefined) {
    return arnOf(config, 'iot', `provisioningtemplate/${name}`);
  }
  if (kind === 'target-policies') {
    const { target } = (parseJson(request.body.toString('utf8')) ?? {}) as { target?: string };
    return target ?? '*';
  }
  return '*';
}
