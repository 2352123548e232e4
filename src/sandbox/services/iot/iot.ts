import type { Authority } from '../../authority/contract.ts';
import { createRestJsonService } from '../../protocols/restJson.ts';
import type { Context } from '../../kernel/context.ts';
import type { HttpService } from '../../kernel/http.ts';
import type { IotJobs, IotRegistry, ThingService } from './contract.ts';
import { createAccountJobs } from './jobs/accountJobs.ts';
import { createDeviceJobs } from './jobs/deviceJobs.ts';
import { createJobs } from './jobs/jobs.ts';
import { createJobNotices } from './jobs/notices.ts';
import { caCertificateOperations } from './operations/caCertificates.ts';
import { certificateOperations } from './operations/certificates.ts';
import { endpointOperations } from './operations/endpoint.ts';
import { jobExecutionOperations } from './operations/jobExecutions.ts';
import { jobOperations } from './operations/jobs.ts';
import { policyOperations } from './operations/policies.ts';
import { registerThingOperations } from './operations/registerThing.ts';
import { templateOperations } from './operations/templates.ts';
import { eventConfigurationOperations } from './operations/eventConfigurations.ts';
import { thingGroupOperations } from './operations/thingGroups.ts';
import { topicRuleOperations } from './operations/topicRules.ts';
import { thingOperations } from './operations/things.ts';
import { thingTypeOperations } from './operations/thingTypes.ts';
import { createRegisterThing } from './registerThing.ts';
import { createCaCertificates } from './registry/caCertificates.ts';
import { type Certificates, createCertificates } from './registry/certificates.ts';
import { createClaims } from './registry/claims.ts';
import { createPolicies, type Policies } from './registry/policies.ts';
import { createRegistry } from './iotRegistry.ts';
import { createState, type IotState } from './registry/state.ts';
import { createTemplates, type Templates } from './registry/templates.ts';
import {
  createEventConfigurations,
  type EventConfigurations,
  type ThingEvent,
  thingEvent,
  topicOf,
} from './registry/eventConfigurations.ts';
import { createThingGroups, type ThingGroups } from './registry/thingGroups.ts';
import { createThings, type Things } from './registry/things.ts';
import { createTopicRules, type TopicRules } from './registry/topicRules.ts';
import { createThingTypes, type ThingTypes } from './registry/thingTypes.ts';
import { iotRates } from './rates.ts';
import { createDeviceShadows } from './shadows/deviceShadows.ts';
import { createShadows, type Shadows } from './shadows/shadows.ts';

export interface IotParts {
  state: IotState;
  thingTypes: ThingTypes;
  things: Things;
  certificates: Certificates;
  policies: Policies;
  templates: Templates;
  groups: ThingGroups;
  events: EventConfigurations;
  rules: TopicRules;
}

export interface Iot {
  /** The control plane (`iot`). */
  service: HttpService;
  registry: IotRegistry;
  jobs: IotJobs;
  shadows: Shadows;
  /** The services for devices, reached through the message broker. */
  thingServices: ThingService[];
  /** The parts of the registry, for what is installed with AWS rights. */
  parts: IotParts;
  /** Registers a listener for the registry events about things that the account has messages of. */
  onThingEvent(listener: (event: ThingEvent) => void): void;
}

/**
 * AWS IoT Core's registry, certificates, policies and provisioning templates, its jobs and device shadows.
 * @param publish publishes with QoS 1, as the cloud does
 * @param mayAssume whether AWS IoT may assume a role
 */
export function createIot(
  context: Context,
  authority: Authority,
  publish: (topic: string, payload: string) => void = () => undefined,
  mayAssume: (roleArn: string) => boolean = () => true,
): Iot {
  const state = createState(context);
  const thingTypes = createThingTypes(state);
  const things = createThings(state, thingTypes);
  const certificates = createCertificates(state, authority);
  const policies = createPolicies(state);
  const templates = createTemplates(state, mayAssume);
  const cas = createCaCertificates(state, templates);
  const claims = createClaims(state, authority);
  const groups = createThingGroups(state);
  const events = createEventConfigurations(state);
  const rules = createTopicRules(state);
  const parts = { state, thingTypes, things, certificates, policies, cas, groups };
  const registerThing = createRegisterThing(parts);
  const now = (): number => state.now();
  const jobs = createJobs(
    state,
    createJobNotices({ publish, now, arn: (kind, name) => state.arn(kind, name) }),
  );
  const shadows = createShadows(context);
  const eventListeners: ((event: ThingEvent) => void)[] = [];
  state.onThingChange((operation, thing) => {
    if (!events.isEnabled('THING')) return;
    const event = thingEvent(state, operation, thing);
    publish(topicOf(event), JSON.stringify(event));
    for (const listener of eventListeners) listener(event);
  });

  return {
    service: createRestJsonService({
      name: 'iot',
      invalid: 'InvalidRequestException',
      tooFast: { code: 'ThrottlingException', message: 'Rate exceeded', status: 400 },
      rates: iotRates,
      headers: {
        principal: ['x-amzn-principal', 'x-amzn-iot-principal'],
        policyName: ['x-amzn-iot-policy'],
      },
      operations: [
        ...endpointOperations(context),
        ...thingOperations(state, things),
        ...thingTypeOperations(state, thingTypes),
        ...thingGroupOperations(state, groups),
        ...certificateOperations(state, certificates, cas),
        ...policyOperations(state, policies),
        ...templateOperations(state, templates, claims),
        ...caCertificateOperations(state, cas),
        ...registerThingOperations(registerThing),
        ...eventConfigurationOperations(events),
        ...topicRuleOperations(state, rules),
        ...jobOperations(state, jobs),
        ...jobExecutionOperations(state, things, jobs),
      ],
    }),
    jobs: createAccountJobs(state, jobs),
    shadows,
    thingServices: [createDeviceJobs(state, jobs), createDeviceShadows(shadows, now, context.config.limits)],
    registry: createRegistry({ ...parts, templates, claims, registerThing }),
    parts: { state, thingTypes, things, certificates, policies, templates, groups, events, rules },
    onThingEvent: (listener) => {
      eventListeners.push(listener);
    },
  };
}
