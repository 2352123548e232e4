import type { InstallationKind } from '../contract.ts';
import { createDeployment, type Deployment } from './deployment.ts';
import { createGuidanceService, type GuidanceApi } from './gateway.ts';
import { DATA_OPERATIONS } from './manifests.ts';
import { MAIN_OPERATIONS } from './rest/main.ts';
import { problemOf, specOf, stacksOf } from './spec.ts';
import type { ApiPart } from './stacks.ts';

/** The names of the services behind the HTTP port, by the stack that has the API, and their operations. */
const SERVICES: Readonly<Partial<Record<ApiPart, readonly [name: string, operations: readonly string[]]>>> = {
  ui: ['cm-guidance', MAIN_OPERATIONS],
  'data-processing': ['cm-guidance-data', DATA_OPERATIONS],
};

/** Guidance for Connected Mobility on AWS (SO9618), release 0.4.1: a deployment for each stage. */
export const cmGuidance: InstallationKind = {
  kind: 'cm-guidance',
  options: {},
  problem: problemOf,
  stacks: (spec) => stacksOf(specOf(spec)),
  create(context, aws) {
    const deployments = new Map<string, Deployment>();
    const apis = new Map<ApiPart, Map<string, GuidanceApi>>();
    const services = Object.entries(SERVICES).map(([part, [name, operations]]) => {
      const own = new Map<string, GuidanceApi>();
      apis.set(part as ApiPart, own);
      return createGuidanceService({ name, apis: own, tokens: aws.cognito.tokens, operations });
    });
    return {
      services,
      administration: {},
      install(spec) {
        const deployment = deployments.get(spec.name) ?? createDeployment(context, aws, specOf(spec));
        deployment.install();
        deployments.set(spec.name, deployment);
        for (const [part, id, api] of deployment.apis) apis.get(part)?.set(id, api);
        return Promise.resolve();
      },
      reload() {
        for (const deployment of deployments.values()) deployment.reload();
      },
      onMessage(message) {
        for (const deployment of deployments.values()) deployment.onMessage(message);
      },
      isRule: (name) => [...deployments.values()].some((deployment) => deployment.isRule(name)),
    };
  },
};
