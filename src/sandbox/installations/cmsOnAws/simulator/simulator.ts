import type { Context } from '../../../kernel/context.ts';
import { apiIdOf, apiUrl } from '../../../protocols/apiGateway/apiIds.ts';
import type { StackOutput } from '../../../services/cloudformation/stack.ts';
import type { Aws } from '../../../services/services.ts';
import { stackName } from '../spec.ts';
import { type Simulator, STAGE } from './api.ts';
import { createLibrary } from './library.ts';
import { createRuns } from './runs.ts';

/** The module `cms-vehicle-simulator` of one deployment. */
export interface SimulatorModule {
  /** Makes what the state lacks of it, and goes on with runs that a restart interrupted. */
  install(): void;
  readonly api: readonly [id: string, simulator: Simulator];
  outputs(): StackOutput[];
}

const ADMIN = 'admin@example.com';

export function createSimulatorModule(context: Context, aws: Aws, app: string): SimulatorModule {
  const { pools } = aws.cognito;
  const known = context.store.table<{ poolId: string; clientId: string }>('cms-on-aws.simulator-pools');
  const library = createLibrary(context, app);
  const runs = createRuns(context, aws, library, app);
  const apiId = apiIdOf(stackName(app, 'vehicle-simulator'), 'simulator');

  function pool(): { poolId: string; clientId: string } {
    const found = known.get(app);
    if (found !== undefined) return found;
    const seed = `cms-on-aws/${app}/simulator`;
    const poolId = pools.create({
      seed,
      name: `${app}-vehicle-simulator-user-pool`,
      aliasAttributes: [],
      requiredAttributes: ['email'],
      settings: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } },
      policy: {
        MinimumLength: 12,
        RequireUppercase: true,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
        TemporaryPasswordValidityDays: 7,
      },
    });
    const clientId = pools.createClient(poolId, {
      seed,
      name: `${app}-vehicle-simulator-console`,
      settings: { RefreshTokenValidity: 2, TokenValidityUnits: { RefreshToken: 'hours' } },
    });
    pools.invite(poolId, { username: ADMIN, attributes: { email: ADMIN, email_verified: 'true' } });
    const made = { poolId, clientId };
    known.set(app, made);
    return made;
  }

  return {
    install() {
      pool();
      if (!library.templates.has('vehicle')) library.templates.set('vehicle', seededTemplate);
      runs.resume();
    },
    api: [
      apiId,
      {
        get userPoolId() {
          return pool().poolId;
        },
        library,
        runs,
      },
    ],
    outputs() {
      const { poolId, clientId } = pool();
      const output = (key: string, value: string): StackOutput => ({ key, value });
      return [
        output('userpoolid', poolId),
        output('consoleclientid', clientId),
        output('restapiid', apiId),
        output('RestAPIId', apiId),
        output('EndpointURL', `${apiUrl(context.endpoints.http, apiId, STAGE)}/`),
        output('apigatewaystage', STAGE),
        output('adminuseremail', ADMIN),
      ];
    },
  };
}

/** The beginning of the template that the original brings. */
const seededTemplate = {
  template_id: 'vehicle',
  payload: [
    {
      name: 'vehicleidentification',
      type: 'object',
      payload: [{ name: 'vin', type: 'id', length: 17 }],
    },
    { name: 'speed', type: 'float', precision: 2 },
  ],
};
