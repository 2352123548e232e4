import { english } from '../core/wording.ts';
import { claimPolicyNameOf } from '../provisioning/setup.ts';
import { fail, ok, warn, type Check } from './diagnoseDeps.ts';
import { known } from './onboardDeps.ts';

/** Whether the account, the stacks and what all vehicles share are as they have to be. */
export const deploymentChecks: readonly Check[] = [
  {
    id: 'profile',
    title: 'Profile and credentials',
    needs: [],
    async run({ deps }, { signal }) {
      const { accountId, arn } = await deps.connection.identity(signal);
      return ok(`${english(deps.connection.label)}: account ${accountId}, ${arn}.`);
    },
  },
  {
    id: 'stacks',
    title: 'CMS stack and its outputs',
    needs: [],
    async run(state, { signal }) {
      const deployment = await state.deps.findDeployment(signal);
      state.deployment = deployment;
      return ok(`${deployment.stack.name} with core ${deployment.core.name}.`);
    },
  },
  {
    id: 'asset-library-access',
    title: 'Asset library closed to strangers',
    needs: ['deployment'],
    async run({ deployment }, { signal }) {
      if (!(await known(deployment, 'The deployment').assetLibraryOpen(signal)))
        return ok('It asks for a token.');
      return warn(
        'The asset library answers without any token: it is open to the internet.',
        'Deploy the core stack with its Cognito or IAM authorizer, or restrict the API by a resource policy.',
      );
    },
  },
  {
    id: 'sign-in',
    title: 'Sign-in and token',
    needs: ['deployment'],
    async run(state, { signal }) {
      const { username } = state.deps.signIn;
      await known(state.deployment, 'The deployment').signIn(state.deps.signIn, { create: false }, signal);
      state.signedIn = true;
      return ok(`${username} has a token.`);
    },
  },
  {
    id: 'template',
    title: 'Provisioning template',
    needs: ['deployment'],
    async run({ request, deps, deployment }, { signal }) {
      const name = request.templateName;
      const template = await deps.cloud.template(name, signal);
      const again = 'Run onboard or provision for any vehicle: it makes the template.';
      if (!template) return warn(`There is no template ${name}: new vehicles cannot be provisioned.`, again);
      if (!template.enabled) {
        return fail(
          `Template ${name} is disabled.`,
          `Enable it: aws iot update-provisioning-template --template-name ${name} --enabled`,
        );
      }
      const policy = known(deployment, 'The deployment').devicePolicy;
      if (!template.body.includes(`"${policy}"`)) {
        return fail(
          `Template ${name} does not attach policy ${policy}: its vehicles may not publish.`,
          'Use another template name, or correct the body of this one.',
        );
      }
      return ok(`${name} is enabled and attaches ${policy}.`);
    },
  },
  {
    id: 'claim-policy',
    title: 'Policy of claim certificates',
    needs: [],
    async run({ request, deps }, { signal }) {
      const name = claimPolicyNameOf(request.templateName);
      const document = await deps.cloud.policyDocument(name, signal);
      if (document === undefined) {
        return warn(
          `There is no policy ${name}: new vehicles cannot be provisioned with a claim of their own.`,
          'Run onboard or provision for any vehicle: it makes the policy.',
        );
      }
      if (!document.includes(`provisioning-templates/${request.templateName}/`)) {
        return warn(
          `Policy ${name} does not allow template ${request.templateName}.`,
          'Run onboard or provision with this template: it brings the policy up to date.',
        );
      }
      return ok(`${name} allows template ${request.templateName}.`);
    },
  },
];
