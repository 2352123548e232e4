import { contained } from '../../kit/contained.ts';
import { AwsError } from '../../kernel/http.ts';
import type { InstallationKind } from '../contract.ts';
import { createDeployment, type Deployment } from './deployment.ts';
import { createGuidanceService, type GuidanceApi } from './gateway.ts';
import { DATA_OPERATIONS } from './manifests.ts';
import { COMMAND_OPERATIONS } from './commands.ts';
import { SIMULATION_OPERATIONS } from './simulation/routes.ts';
import { MAIN_OPERATIONS } from './rest/main.ts';
import { problemOf, specOf, stacksOf } from './spec.ts';
import type { ApiPart } from './stacks.ts';
import { changeSwitches } from './switches.ts';

const TICK_MS = 1000;

/** The names of the services behind the HTTP port, by the stack that has the API, and their operations. */
const SERVICES: Readonly<Partial<Record<ApiPart, readonly [name: string, operations: readonly string[]]>>> = {
  ui: ['cm-guidance', MAIN_OPERATIONS],
  'data-processing': ['cm-guidance-data', DATA_OPERATIONS],
  simulation: ['cm-guidance-simulation', SIMULATION_OPERATIONS],
  commands: ['cm-guidance-commands', COMMAND_OPERATIONS],
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
    function deploymentOf(stage: string): Deployment {
      const found = deployments.get(stage);
      if (found !== undefined) return found;
      throw new AwsError('NotFound', `There is no cm-guidance:${stage}.`, 404);
    }
    const services = Object.entries(SERVICES).map(([part, [name, operations]]) => {
      const own = new Map<string, GuidanceApi>();
      apis.set(part as ApiPart, own);
      return createGuidanceService({ name, apis: own, tokens: aws.cognito.tokens, operations });
    });
    setInterval(() => {
      for (const deployment of deployments.values()) {
        contained(
          context.log,
          'cm-guidance',
          () => undefined,
          () => deployment.tick(),
        );
      }
    }, TICK_MS).unref();
    return {
      services,
      administration: {
        'GET /cm-guidance/*': (_request, stage) => deploymentOf(stage).data.switches(),
        'PUT /cm-guidance/*': (request, stage) => changeSwitches(deploymentOf(stage).data, request),
      },
      install(spec) {
        const deployment = deployments.get(spec.name) ?? createDeployment(context, aws, specOf(spec));
        deployment.install();
        deployments.set(spec.name, deployment);
        for (const [part, id, api] of deployment.apis) apis.get(part)?.set(id, api);
        return Promise.resolve();
      },
      overview() {
        const each = [...deployments.values()].map((deployment) => deployment.overview());
        return {
          vehicles: each.flatMap(({ vehicles }) => vehicles),
          messages: each.flatMap(({ messages }) => messages),
        };
      },
      upgrade: (request) => [...deployments.values()].some((deployment) => deployment.upgrade(request)),
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
