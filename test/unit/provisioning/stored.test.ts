import assert from 'node:assert/strict';
import { arnIn } from '../../../src/provisioning/stored.ts';

const DEPLOYMENT = {
  ...{ generation: 'cdf', name: 'cms-dev1' },
  stack: { id: 'arn:aws:cloudformation:us-west-2:123456789012:stack/cms-dev1/0a' },
};
const FACTS = {
  ...{ generation: 'cdf', stackName: 'cms-dev1', accountId: '123456789012', region: 'us-west-2' },
  certificateArn: 'arn:aws:iot:us-west-2:123456789012:cert/ab12',
} as const;

describe('The ARN in the files of a vehicle', () => {
  it('is that of its certificate where the files are of the deployment', () => {
    assert.equal(arnIn(FACTS, DEPLOYMENT), FACTS.certificateArn);
  });

  it('is none where the files, or the ARN alone, are of another stack, account or region', () => {
    for (const other of [
      { stackName: 'cms-test' },
      { accountId: '210987654321' },
      { region: 'eu-west-1' },
      { certificateArn: FACTS.certificateArn.replace('123456789012', '210987654321') },
      { certificateArn: FACTS.certificateArn.replace('us-west-2', 'eu-west-1') },
      { certificateArn: 'https://example.com/' },
    ])
      assert.equal(arnIn({ ...FACTS, ...other }, DEPLOYMENT), undefined, JSON.stringify(other));
  });
});
