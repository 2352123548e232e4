import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { testCredentials, type SandboxProcess } from './sandbox.ts';

/** A role that AWS IoT may assume, as a provisioning template needs one; its ARN. */
export async function provisioningRole(sandbox: SandboxProcess): Promise<string> {
  const iam = new IAMClient({
    endpoint: sandbox.endpoint,
    region: sandbox.ready.region,
    credentials: testCredentials,
  });
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'iot.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'IotCMSRole',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  );
  iam.destroy();
  return Role!.Arn!;
}
