import { X509Certificate } from 'node:crypto';
import { DescribeEventConfigurationsCommand } from '@aws-sdk/client-iot';
import { fingerprintOf } from '../../aws/iot/fingerprint.ts';
import { calling } from '../../aws/calls.ts';
import { findCertificate, policiesOf } from '../../aws/iot/certificates.ts';
import { findTemplate } from '../../aws/iot/templates.ts';
import { findTopicRule } from '../../aws/iot/topicRules.ts';
import { l10n } from '../../core/message.ts';
import { type Check, checksOf, fail, type Found, ok, skip, warn } from '../contract/checks.ts';
import { isDenied, unlessDenied } from '../kit/denied.ts';
import { readClaimSecret } from './claimSecret.ts';
import { askHook, HOOK_PATIENCE_MS } from './hook.ts';
import { enablingFix, readerChecks, type Readers, rotatingFix } from './readerChecks.ts';
import type { Registry } from './registry.ts';
import type { Sources } from './sources.ts';
import { vehicleChecks } from './vehicleChecks.ts';

const check = checksOf<Found>();
const UPDATE_STACKS = l10n.t('Update the stacks of the CMS, which include it.');

/** What the doctor looks at in a CMS on AWS: first what its vehicles share. */
export function createChecks(sources: Sources, registry: Registry, readers: Readers): readonly Check[] {
  const { connection, names } = sources;
  const {
    registry: root,
    template: templateName,
    hookFunction,
    storageRules,
    claimSecret,
    claimPolicy,
  } = names;
  return [
    check({
      id: 'modules',
      title: l10n.t('Modules that vehicles need'),
      stage: 'deployment',
      needs: [],
      run() {
        const missing = ['provisioning', 'connect-store'].filter((name) => registry[name] === undefined);
        const verdict =
          missing.length === 0
            ? ok(l10n.t('{path} lists provisioning and connect-store.', { path: root }))
            : warn(
                l10n.t('{path} does not list {modules}, so what they do is missing here.', {
                  ...{ path: root, modules: missing.join(', ') },
                }),
                l10n.t('Deploy these modules for the app.'),
              );
        return Promise.resolve(verdict);
      },
    }),
    check({
      id: 'hook',
      title: l10n.t('Hook of the provisioning template'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const template = await findTemplate(connection, templateName, signal);
        if (template === undefined) return skip(l10n.t('There is no template.'));
        const hook = template.hookArn ?? '-';
        if (hook.endsWith(`:function:${hookFunction}`))
          return ok(l10n.t('{hook} is asked.', { hook: hookFunction }));
        return fail(
          l10n.t('Template {name} does not ask the hook {hook}, but {other}.', {
            ...{ name: templateName, hook: hookFunction, other: hook },
          }),
          UPDATE_STACKS,
        );
      },
    }),
    check({
      id: 'hook-speed',
      title: l10n.t('Hook answers in time'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        try {
          const ms = await askHook(connection, names, signal);
          if (ms < HOOK_PATIENCE_MS) return ok(l10n.t('It answered in {ms} ms.', { ms }));
          return warn(
            l10n.t('It took {ms} ms, and AWS IoT waits only {most} ms: a vehicle would have been refused.', {
              ...{ ms, most: HOOK_PATIENCE_MS },
            }),
            l10n.t(
              'Try again at once: it is warm now. If that does not help, look at its log in CloudWatch.',
            ),
          );
        } catch (error) {
          if (isDenied(error))
            return skip(l10n.t('No permission to call the function {name}.', { name: hookFunction }));
          throw error;
        }
      },
    }),
    check({
      id: 'claim-secret',
      title: l10n.t('Claim certificate that CMS keeps'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        try {
          const { certificatePem } = await readClaimSecret(connection, names, signal);
          const id = fingerprintOf(new X509Certificate(certificatePem));
          const found = await findCertificate(connection, id, signal);
          const status = found?.status ?? l10n.t('unknown to AWS IoT');
          const rotate = l10n.t('Have Secrets Manager rotate the secret again.');
          const fix = rotatingFix(connection, claimSecret);
          if (found?.status !== 'ACTIVE') {
            return warn(
              l10n.t('The claim certificate in {secret} is {status}: its rotation stopped halfway.', {
                ...{ secret: claimSecret, status },
              }),
              rotate,
              {},
              fix,
            );
          }
          if ((await policiesOf(connection, found.arn, signal)).includes(claimPolicy))
            return ok(l10n.t('It is ACTIVE.'));
          return warn(
            l10n.t('The claim certificate in {secret} lacks the policy {policy}: it can claim nothing.', {
              ...{ secret: claimSecret, policy: claimPolicy },
            }),
            rotate,
            {},
            fix,
          );
        } catch (error) {
          // A temporary claim needs it not.
          if (isDenied(error))
            return skip(l10n.t('No permission to read the secret {secret}.', { secret: claimSecret }));
          throw error;
        }
      },
    }),
    check({
      id: 'storage-rules',
      title: l10n.t('Topic rules that store telemetry'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const wrong: string[] = [];
        const disabled: string[] = [];
        for (const ruleName of storageRules) {
          const rule = await unlessDenied(findTopicRule(connection, ruleName, signal));
          if (rule?.ruleDisabled === true) disabled.push(ruleName);
          if (rule === undefined || rule.ruleDisabled === true) wrong.push(ruleName);
        }
        if (wrong.length === 0) return ok(l10n.t('They are there and enabled.'));
        return fail(
          l10n.t('Missing, disabled, or not to be read: {rules}.', { rules: wrong.join(', ') }),
          l10n.t('Enable the rule in AWS IoT, or update the stack of the module cms-connect-store.'),
          {},
          disabled.length === 0 ? undefined : enablingFix(connection, disabled),
        );
      },
    }),
    check({
      id: 'thing-events',
      title: l10n.t('Events of things in AWS IoT'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const client = await connection.iot();
        const { eventConfigurations } = await calling(l10n.t('reading which events AWS IoT tells'), () =>
          client.send(new DescribeEventConfigurationsCommand({}), { abortSignal: signal }),
        );
        if (eventConfigurations?.THING?.Enabled === true) return ok(l10n.t('They are on.'));
        return fail(
          l10n.t('They are off: CMS never learns that a vehicle was registered, and old certificates stay.'),
          l10n.t('Update the stack of the module cms-provisioning, which switches them on.'),
        );
      },
    }),
    ...vehicleChecks(sources, readers.bucket),
    ...readerChecks(sources, readers),
  ];
}
