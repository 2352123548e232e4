import assert from 'node:assert/strict';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { CloudCa } from '../../../src/aws/iot/caCertificates.ts';
import type { CloudTemplate } from '../../../src/aws/iot/templates.ts';
import { createProvisioner } from '../../../src/cms/cdf/provisioner.ts';
import type { CheckInput } from '../../../src/cms/contract/checks.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { ownCaChecks } from '../../../src/onboarding/ownCaChecks.ts';
import { createWorld } from './world.ts';

const setup = createProvisioner('cms-dev1').ownCa!;
const ID = '0123456789ab'.padEnd(64, '0');
const DAY = 86_400_000;

interface State {
  cas?: Partial<CloudCa>[];
  template?: Partial<CloudTemplate> | undefined;
  /** Services that may assume the role; undefined: it is missing. */
  role?: string | undefined;
}

async function finding({ cas = [], template, role }: State) {
  const world = createWorld();
  const work = world.work();
  const iam = {
    send: () =>
      role === undefined
        ? Promise.reject(Object.assign(new Error('gone'), { name: 'NoSuchEntityException' }))
        : Promise.resolve({
            Role: {
              AssumeRolePolicyDocument: encodeURIComponent(
                JSON.stringify({
                  Statement: { Effect: 'Allow', Principal: { Service: role }, Action: 'sts:AssumeRole' },
                }),
              ),
            },
          }),
  } as unknown as IAMClient;
  const ca: CloudCa = {
    ...{ id: ID, arn: `arn:${ID}`, status: 'ACTIVE', autoRegistration: true, mode: 'DEFAULT' },
    notAfter: new Date(work.clock.now() + 1000 * DAY),
    ...{ templateName: undefined, templateBody: undefined, roleArn: undefined },
  };
  const whole = {
    enabled: true,
    body: `"${setup.devicePolicy}"`,
    roleArn: `arn:aws:iam::123456789012:role/${setup.roleName}`,
    type: 'JITP',
  };
  const input = {
    request: { vin: 'V', publish: false, position: { latitude: 0, longitude: 0 } },
    tools: {
      certificateHere: () => Promise.resolve(undefined),
      cloud: {
        ...world.cloud,
        cas: () => Promise.resolve(cas.map((each) => ({ ...ca, ...each }))),
        template: () => Promise.resolve(template && { ...whole, ...template }),
      },
      connection: { ...world.deps.connection, iam: () => Promise.resolve(iam) },
    },
  } as unknown as CheckInput;
  const [check] = ownCaChecks(setup);
  const verdict = await check!.run(input, work);
  const { status, message, remedy, fix } = verdict!.finding;
  return {
    status,
    text: english(message),
    remedy: remedy && english(remedy),
    fix: fix && english(fix.title),
  };
}
const before = (days: number): Date => new Date(createWorld().work().clock.now() + days * DAY);
const jitp = { templateName: 'T' };

describe('what the doctor says of your own CAs', () => {
  it('is that none is needed where there is none', async () => {
    const { status, text } = await finding({});
    assert.deepEqual([status, text], ['ok', 'None is registered, which only jitp and jitr need.']);
  });

  it('is that they let their vehicles in', async () => {
    const { status, text } = await finding({
      cas: [{}, jitp],
      template: {},
      role: 'iot.amazonaws.com',
    });
    assert.deepEqual([status, text], ['ok', '2 are registered; they let their vehicles in.']);
  });

  for (const [what, state, words] of [
    ['expired', { cas: [{ notAfter: before(-1) }] }, /^CA 0123456789ab… expired on .*nothing can be signed/],
    ['about to expire', { cas: [{ notAfter: before(9) }] }, /^CA 0123456789ab… expires on /],
    ['not to register vehicles', { cas: [{ autoRegistration: false }] }, /may not register themselves\.$/],
    ['in mode SNI_ONLY', { cas: [{ mode: 'SNI_ONLY' as const }] }, /mode SNI_ONLY/],
    ['without its template', { cas: [jitp] }, /^The template T of CA 0123456789ab… is gone\.$/],
    ['with a disabled template', { cas: [jitp], template: { enabled: false } }, /is disabled\.$/],
    [
      'with a template without the policy',
      { cas: [jitp], template: { body: '{}' } },
      /does not attach policy CvraTcuDevicePolicy/,
    ],
    ['without the role', { cas: [jitp], template: {} }, /^The role \w+ of the template .* is gone\.$/],
    [
      'with a role of others',
      { cas: [jitp], template: {}, role: 'ec2.amazonaws.com' },
      /^AWS IoT may not assume /,
    ],
  ] satisfies [string, State, RegExp][]) {
    it(`names one that is ${what}, and what helps`, async () => {
      const { status, text, remedy = '' } = await finding(state);
      assert.equal(status, 'warn');
      assert.match(text, words);
      assert.match(remedy, /register|Enable it: aws/);
    });
  }

  it('is where one is switched off, and how it is switched on', async () => {
    const { status, text, fix } = await finding({ cas: [{ status: 'INACTIVE' }] });
    assert.equal(status, 'warn');
    assert.match(text, /is switched off: no new vehicle of it is let in/);
    assert.equal(fix, 'Switch CA 0123456789ab… on');
  });

  it('is nothing where they may not be looked at', async () => {
    const world = createWorld();
    const cas = () =>
      Promise.reject(new CmsError('ACCESS_DENIED', l10n.t('looking for stack {name}', { name: 'x' })));
    const input = { tools: { cloud: { ...world.cloud, cas } } } as unknown as CheckInput;
    const verdict = await ownCaChecks(setup)[0]!.run(input, world.work());
    assert.equal(verdict?.finding.status, 'skip');
  });

  it('is not asked where the CMS takes none', () => assert.deepEqual(ownCaChecks(undefined), []));
});
