import type { Installer, InstallationKind } from '../contract.ts';
import { createCmsApis } from './apis.ts';
import type { CdfSettings } from './contract.ts';
import { createIotResources } from './iotResources.ts';
import { options } from './options.ts';
import { problemOf, shorthand, stacksOf } from './spec.ts';
import { cdfPlan } from './stacks/coreStack.ts';
import { cmsPlan } from './stacks/cmsStack.ts';
import { createCmsPools } from './userPools.ts';

/** CMS v1: Connected Mobility Solution on the Connected Device Framework. */
export const cdf: InstallationKind<CdfSettings> = {
  kind: 'cdf',
  options,
  shorthand,
  problem: problemOf,
  stacks(spec) {
    const { name, core } = stacksOf(spec);
    return { cms: name, cdf: core };
  },
  create(context, aws, settings): Installer {
    const { cloudFormation, cognito, iot, publish } = aws;
    const pools = createCmsPools(context, cognito.pools);
    const resources = createIotResources(context, iot);
    const apis = createCmsApis(
      context,
      { registry: iot.registry, jobs: iot.jobs, tokens: cognito.tokens, pools, publish },
      settings,
    );
    const sources = { pools, cms: apis, certificateId: () => resources.simulationCertificateId() };
    iot.jobs.onEnded((execution) => apis.onJobEnded(execution));
    return {
      services: apis.services,
      administration: { 'GET /vehicles/*/messages': ({ query }, vin) => apis.messages(vin, query) },
      overview: apis.overview,
      onMessage: apis.onMessage,
      isRule: apis.isRule,
      async install(spec) {
        const stacks = stacksOf(spec);
        // One of an account and region: the first installation makes it.
        await resources.seed();
        pools.poolOf(stacks.name);
        apis.install(stacks);
        // CDF is installed first.
        cloudFormation.stacks.deploy(stacks.core, () =>
          cdfPlan(context, stacks.core, { urls: apis, settings }),
        );
        cloudFormation.stacks.deploy(stacks.name, () => cmsPlan(context, stacks, sources));
      },
      reload: () => apis.reload(),
    };
  },
};
