import { isExposed } from '../../aws/exposed.ts';
import type { Connection } from '../../aws/connection.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Retrying } from '../../core/retry.ts';
import type { StackInfo } from '../contract/stacks.ts';
import type { UserPool } from '../../aws/cognito/cognito.ts';
import { createSession } from '../../aws/cognito/session.ts';
import { checkPassword, newPasswordRules, poolRules } from '../kit/passwordPolicy.ts';
import { deleteUser } from '../kit/poolUsers.ts';
import { createRest } from '../kit/rest.ts';
import type { CdfApi } from './api.ts';
import { ASSET_LIBRARY_MEDIA_TYPE, createAssetLibrary } from './assetLibrary.ts';
import { ensureActivated } from './ensureActivated.ts';
import { ensureDevice } from './ensureDevice.ts';
import { ensureOwner, ownersOf, removeOwners } from './ensureOwner.ts';
import { ensureSupplier } from './ensureSupplier.ts';
import { ensureUser } from './ensureUser.ts';
import { FACADE_MEDIA_TYPE, createFacade } from './facade.ts';
import { FLEET_MANAGER_MEDIA_TYPE, createFleetManager } from './fleetManager.ts';
import { createLists } from './lists.ts';
import { DEVICE_POLICY } from './provisioner.ts';
import { userPath, vehiclePath } from './paths.ts';
import { deviceRecordOf, vehicleRecordOf } from './records.ts';
import { signIn } from './signIn.ts';
import { thingNameOf } from './thingName.ts';

/** The fleet manager waits three seconds before it takes an asset library event in; one more for its start. */
const INDEX_DELAY_MS = 4000;

/** CMS v1 on the Connected Device Framework: the stacks are ready and belong together. */
export function createCdfApi(connection: Connection, stack: StackInfo, core: StackInfo): CdfApi {
  const outputOf = (of: StackInfo, output: string) => expectField(of.outputs, output, 'DescribeStacks');
  const pool: UserPool = {
    connection,
    userPoolId: outputOf(stack, 'UserPoolId'),
    clientId: outputOf(stack, 'UserPoolClientId'),
  };
  const { clock, random } = connection;
  const session = createSession(pool);
  const workOf = (signal: AbortSignal): Retrying => ({ signal, clock, random });
  const refused = l10n.t('Check that the CMS stack and the CDF core belong together, then sign in again.');
  const restOf = (service: Message, baseUrl: string, mediaType: string) =>
    createRest(connection.http(), { service, baseUrl, mediaType, tokens: session, clock, random, refused });
  const library = createAssetLibrary(
    restOf(
      l10n.t('the asset library'),
      outputOf(core, 'AssetLibraryApiGatewayUrl'),
      ASSET_LIBRARY_MEDIA_TYPE,
    ),
  );
  const facade = createFacade(
    restOf(l10n.t('the facade'), outputOf(stack, 'FacadeApiGatewayUrl'), FACADE_MEDIA_TYPE),
  );
  const fleet = createFleetManager(
    restOf(
      l10n.t('the fleet manager'),
      outputOf(stack, 'FleetmanagerApiGatewayUrl'),
      FLEET_MANAGER_MEDIA_TYPE,
    ),
  );
  const lists = createLists(library);

  return {
    stack,
    core,
    uiUrl: uiUrlOf(stack.outputs.CloudfrontDomain),
    indexDelayMs: INDEX_DELAY_MS,

    async signIn(who, options, signal) {
      const { tokens, result } = await signIn(pool, who, options, signal);
      session.start(tokens);
      return result;
    },
    checkPassword: (password, signal) => checkPassword(pool, password, signal),
    passwordRules: (username, signal) => newPasswordRules(pool, username, signal),
    poolPasswordRules: (signal) => poolRules(pool, signal),

    ensureSupplier: (name, signal) => ensureSupplier(library, name, workOf(signal)),
    ensureUser: (user, signal) => ensureUser(library, facade, user, workOf(signal)),
    ensureDevice: (request, signal) =>
      ensureDevice(
        { connection, library, facade, devicePolicy: DEVICE_POLICY },
        { ...request, vin: thingNameOf(request.vin) },
        workOf(signal),
      ),
    ensureActivated: (request, signal) =>
      ensureActivated(library, facade, { ...request, vin: thingNameOf(request.vin) }, workOf(signal)),
    ensureOwner: (vin, username, signal) => ensureOwner(library, facade, thingNameOf(vin), username, signal),

    ...lists,
    async vehicle(vin, signal) {
      const group = await library.group(vehiclePath(vin), signal);
      if (group === undefined) return undefined;
      const owners = await ownersOf(library, vin, signal);
      return vehicleRecordOf(group, [...new Set(owners.map((owner) => owner.name))]);
    },
    async device(vin, signal) {
      const id = thingNameOf(vin);
      const device = await library.device(id, signal);
      if (device === undefined) return undefined;
      const [vehicles, suppliers] = await Promise.all([
        library.deviceGroups(id, 'installed_in', signal),
        library.deviceGroups(id, 'manufactured_by', signal),
      ]);
      return deviceRecordOf(device, vehicles, suppliers);
    },
    liveVehicle: (vin, signal) => fleet.vehicle(thingNameOf(vin), signal),
    assetLibraryOpen: (signal) => library.isOpen(signal),

    removeOwners: (vin, signal) => removeOwners(library, vin, signal),
    async removeDevice(vin, signal) {
      const id = thingNameOf(vin);
      // Deleting an unknown device succeeds: look first, to tell.
      if ((await library.device(id, signal)) === undefined) return false;
      await library.deleteDevice(id, signal);
      return true;
    },
    removeVehicle: (vin, signal) => library.deleteGroup(vehiclePath(vin), signal),
    removeUser: (username, signal) => library.deleteGroup(userPath(username), signal),
    removeCognitoUser: (username, signal) => deleteUser(pool, username, signal),
  };
}

/**
 * Address of the web UI by the output of the stack, which names a host. An endpoint on this computer in place of AWS has
 * no host of its own to name, and gives a URL.
 */
function uiUrlOf(output: string | undefined): string | undefined {
  if (output === undefined || output === '') return undefined;
  if (!output.includes('://')) return `https://${output}`;
  return URL.canParse(output) && !isExposed(output) ? output : undefined;
}
