import type { InstallationKind } from '../contract.ts';
import { createDeployment, type Deployment } from './deployment.ts';
import { createGraphql, type GraphqlApi } from './graphql/graphql.ts';
import { createSimulatorApi, type Simulator } from './simulator/api.ts';
import { problemOf, specOf, stacksOf } from './spec.ts';

/** Connected Mobility Solution on AWS (SO0241), release 3.0.0: a deployment for each app id. */
export const cmsOnAws: InstallationKind = {
  kind: 'cms-on-aws',
  options: {},
  problem: problemOf,
  stacks: (spec) => stacksOf(specOf(spec)),
  create(context, aws) {
    const deployments = new Map<string, Deployment>();
    const apis = new Map<string, GraphqlApi>();
    const simulators = new Map<string, Simulator>();
    aws.iot.onThingEvent((event) => {
      for (const deployment of deployments.values()) deployment.onThingEvent(event);
    });
    return {
      services: [createGraphql(apis, aws.cognito.tokens), createSimulatorApi(simulators, aws.cognito.tokens)],
      administration: {},
      async install(spec) {
        const deployment = deployments.get(spec.name) ?? createDeployment(context, aws, specOf(spec));
        await deployment.install();
        deployments.set(spec.name, deployment);
        if (deployment.simulator !== undefined) simulators.set(...deployment.simulator);
        for (const [id, api] of deployment.graphql) apis.set(id, api);
      },
      overview() {
        const each = [...deployments.values()].map((deployment) => deployment.overview());
        return {
          vehicles: each.flatMap(({ vehicles }) => vehicles),
          messages: each.flatMap(({ messages }) => messages),
        };
      },
      reload: () => undefined,
      onMessage(message) {
        for (const deployment of deployments.values()) deployment.onMessage(message);
      },
      isRule: (name) => [...deployments.values()].some((deployment) => deployment.isRule(name)),
    };
  },
};
