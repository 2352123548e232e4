import { l10n } from '../core/message.ts';
import { claimPolicyNameOf } from '../cms/cdf/provisioner.ts';
import { check, type Check, fail, ok, warn } from './diagnoseDeps.ts';

/** Whether the account, the stacks and what all vehicles share are as they have to be. */
export const deploymentChecks: readonly Check[] = [
  check({
    id: 'profile',
    title: l10n.t('Profile and credentials'),
    needs: [],
    async run({ deps }, { signal }) {
      const { accountId, arn } = await deps.connection.identity(signal);
      const { label } = deps.connection;
      return ok(l10n.t('{label}: account {accountId}, {arn}.', { label, accountId, arn }));
    },
  }),
  check({
    id: 'stacks',
    title: l10n.t('CMS stack and its outputs'),
    needs: [],
    async run({ deps }, { signal }) {
      const deployment = await deps.findDeployment(signal);
      const [stack, core] = [deployment.stack.name, deployment.core.name];
      return ok(l10n.t('{stack} with core {core}.', { stack, core }), { deployment });
    },
  }),
  check({
    id: 'asset-library-access',
    title: l10n.t('Asset library closed to strangers'),
    needs: ['deployment'],
    async run({ deployment }, { signal }) {
      if (!(await deployment.assetLibraryOpen(signal))) return ok(l10n.t('It asks for a token.'));
      return warn(
        l10n.t('The asset library answers without any token: it is open to the internet.'),
        l10n.t(
          'Deploy the core stack with its Cognito or IAM authorizer, or restrict the API by a resource policy.',
        ),
      );
    },
  }),
  check({
    id: 'sign-in',
    title: l10n.t('Sign-in and token'),
    needs: ['deployment'],
    async run({ deps, deployment }, { signal }) {
      const { username } = deps.signIn;
      await deployment.signIn(deps.signIn, { create: false }, signal);
      return ok(l10n.t('{username} has a token.', { username }), { signedIn: true });
    },
  }),
  check({
    id: 'template',
    title: l10n.t('Provisioning template'),
    needs: ['deployment'],
    async run({ request, deps, deployment }, { signal }) {
      const name = request.templateName;
      const template = await deps.cloud.template(name, signal);
      if (!template) {
        return warn(
          l10n.t('There is no template {name}: new vehicles cannot be provisioned.', { name }),
          l10n.t('Run onboard or provision for any vehicle: it makes the template.'),
        );
      }
      if (!template.enabled) {
        const command = `aws iot update-provisioning-template --template-name ${name} --enabled`;
        return fail(
          l10n.t('Template {name} is disabled.', { name }),
          l10n.t('Enable it: {command}', { command }),
        );
      }
      const policy = deployment.devicePolicy;
      if (!template.body.includes(`"${policy}"`)) {
        return fail(
          l10n.t('Template {name} does not attach policy {policy}: its vehicles may not publish.', {
            name,
            policy,
          }),
          l10n.t('Use another template name, or correct the body of this one.'),
        );
      }
      return ok(l10n.t('{name} is enabled and attaches {policy}.', { name, policy }));
    },
  }),
  check({
    id: 'claim-policy',
    title: l10n.t('Policy of claim certificates'),
    needs: [],
    async run({ request, deps }, { signal }) {
      const template = request.templateName;
      const name = claimPolicyNameOf(template);
      const document = (await deps.cloud.policy(name, signal))?.document;
      if (document === undefined) {
        return warn(
          l10n.t('There is no policy {name}: new vehicles cannot be provisioned with a claim of their own.', {
            name,
          }),
          l10n.t('Run onboard or provision for any vehicle: it makes the policy.'),
        );
      }
      if (!document.includes(`provisioning-templates/${template}/`)) {
        return warn(
          l10n.t('Policy {name} does not allow template {template}.', { name, template }),
          l10n.t('Run onboard or provision with this template: it brings the policy up to date.'),
        );
      }
      return ok(l10n.t('{name} allows template {template}.', { name, template }));
    },
  }),
];
