import type { InstallationKind } from '../contract.ts';
import { createDeployment, type Deployment } from './deployment.ts';
import { problemOf, specOf, stacksOf } from './spec.ts';

/** Connected Mobility Solution on AWS (SO0241), release 3.0.0: a deployment for each app id. */
export const cmsOnAws: InstallationKind = {
  kind: 'cms-on-aws',
  options: {},
  problem: problemOf,
  stacks: (spec) => stacksOf(specOf(spec)),
  create(context, aws) {
    const deployments = new Map<string, Deployment>();
    aws.iot.onThingEvent((event) => {
      for (const deployment of deployments.values()) deployment.onThingEvent(event);
    });
    return {
      services: [],
      administration: {},
      async install(spec) {
        const deployment = deployments.get(spec.name) ?? createDeployment(context, aws, specOf(spec));
        await deployment.install();
        deployments.set(spec.name, deployment);
      },
      reload: () => undefined,
      onMessage(message) {
        for (const deployment of deployments.values()) deployment.onMessage(message);
      },
      isRule: (name) => [...deployments.values()].some((deployment) => deployment.isRule(name)),
    };
  },
};
