import type { Authority } from '../../authority/contract.ts';
import type { IotJobs, IotRegistry, ThingService } from './contract.ts';
import type { Context } from '../../kernel/context.ts';
import type { HttpService } from '../../kernel/http.ts';
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
import { thingOperations } from './operations/things.ts';
import { thingTypeOperations } from './operations/thingTypes.ts';
import { createRegisterThing } from './registerThing.ts';
import { createCaCertificates } from './registry/caCertificates.ts';
import { createCertificates } from './registry/certificates.ts';
import { createClaims } from './registry/claims.ts';
import { createPolicies } from './registry/policies.ts';
import { createRegistry } from './iotRegistry.ts';
import { seedRegistry } from '../../installations/cdf/iotResources.ts';
import { createState } from './registry/state.ts';
import { createTemplates } from './registry/templates.ts';
import { createThings } from './registry/things.ts';
import { createThingTypes } from './registry/thingTypes.ts';
import { createService } from './service.ts';
import { createDeviceShadows } from './shadows/deviceShadows.ts';
import { createShadows, type Shadows } from './shadows/shadows.ts';

export interface Iot {
  /** The control plane (`iot`). */
  service: HttpService;
  registry: IotRegistry;
  jobs: IotJobs;
  shadows: Shadows;
  /** The services for devices, reached through the message broker. */
  thingServices: ThingService[];
  /** Id of the certificate that all vehicles simulated by CMS share. Throws before the first `seed`. */
  simulationCertificateId(): string;
  /** Creates what a CMS installation has in AWS IoT, unless this state has been seeded before. */
  seed(): Promise<void>;
}

/**
 * AWS IoT Core's registry, certificates, policies and provisioning templates, its jobs and device shadows.
 * @param publish publishes with QoS 1, as the cloud does
 */
export function createIot(
  context: Context,
  authority: Authority,
  publish: (topic: string, payload: string) => void = () => undefined,
): Iot {
  const state = createState(context);
  const thingTypes = createThingTypes(state);
  const things = createThings(state, thingTypes);
  const certificates = createCertificates(state, authority);
  const policies = createPolicies(state);
  const templates = createTemplates(state);
  const cas = createCaCertificates(state, templates);
  const claims = createClaims(state, authority);
  const parts = { state, thingTypes, things, certificates, policies, cas };
  const registerThing = createRegisterThing(parts);
  const now = (): number => state.now();
  const jobs = createJobs(
    state,
    createJobNotices({ publish, now, arn: (kind, name) => state.arn(kind, name) }),
  );
  const shadows = createShadows(context);

  return {
    service: createService([
      ...endpointOperations(context),
      ...thingOperations(state, things),
      ...thingTypeOperations(state, thingTypes),
      ...certificateOperations(state, certificates, cas),
      ...policyOperations(state, policies),
      ...templateOperations(state, templates, claims),
      ...caCertificateOperations(state, cas),
      ...registerThingOperations(registerThing),
      ...jobOperations(state, jobs),
      ...jobExecutionOperations(state, things, jobs),
    ]),
    jobs: createAccountJobs(state, jobs),
    shadows,
    thingServices: [createDeviceJobs(state, jobs), createDeviceShadows(shadows, now)],
    registry: createRegistry({ ...parts, templates, claims, registerThing }),
    simulationCertificateId() {
      const { simulationCertificateId } = state.account();
      if (simulationCertificateId === undefined) throw new Error('The IoT registry has not been seeded.');
      return simulationCertificateId;
    },
    seed: () => seedRegistry(state, { thingTypes, policies, certificates }),
  };
}
