import { l10n } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { CredentialNeed } from '../contract/credentials.ts';
import type { ListInfo, NamedList } from '../contract/lists.ts';
import type { Api } from './api.ts';
import { judgeClaims } from './claims.ts';
import type { Entry } from './entry.ts';
import { inFleet, inNoFleet } from './fleetVehicles.ts';

const FLEETS: ListInfo = {
  id: 'fleets',
  command: 'fleets',
  description: 'list fleets',
  columns: [
    { heading: 'FLEET', width: 24 },
    { heading: 'NAME', width: 32 },
    { heading: 'VEHICLES', width: 10 },
    { heading: 'CONNECTED', width: 10 },
  ],
};
const MANIFESTS: ListInfo = {
  id: 'modelManifests',
  command: 'model-manifests',
  description: 'list model manifests',
  columns: [
    { heading: 'MANIFEST', width: 32 },
    { heading: 'VERSION', width: 8 },
    { heading: 'STATUS', width: 12 },
    { heading: 'DECODER', width: 24 },
  ],
};
const DRIVERS: ListInfo = {
  id: 'drivers',
  command: 'drivers',
  description: 'list drivers',
  columns: [
    { heading: 'DRIVER', width: 24 },
    { heading: 'NAME', width: 32 },
    { heading: 'STATUS', width: 12 },
    { heading: 'VEHICLE', width: 24 },
  ],
};

const ACCESS: ListInfo = {
  id: 'access',
  command: 'access',
  description: 'show what you may do: the groups and fleets of your sign-in',
  columns: [
    { heading: 'GROUP OR FLEET', width: 24 },
    { heading: 'IS', width: 8 },
    { heading: 'MEANS', width: 64 },
  ],
};

export const listInfos: readonly ListInfo[] = [FLEETS, MANIFESTS, DRIVERS, ACCESS];

export function createNamedLists(
  api: Pick<Api, 'fleets' | 'manifests' | 'drivers' | 'vehicles'>,
  entry: Pick<Entry, 'claims'>,
  needs: CredentialNeed,
): readonly NamedList[] {
  return [
    {
      ...FLEETS,
      title: l10n.t('Fleets'),
      empty: l10n.t('No fleets yet'),
      signIn: l10n.t('Sign in to see the fleets…'),
      icon: 'organization',
      needs,
      async page(_, signal) {
        const items = (await api.fleets(signal)).map((fleet) => {
          const { fleetId, name = '-', vehicleCount = 0, connectedVehicles = 0 } = fleet;
          return {
            ...{ key: fleetId, words: name, icon: 'organization', value: fleet },
            vehicles: inFleet(api, fleetId),
            cells: [fleetId, name, String(vehicleCount), String(connectedVehicles)],
          };
        });
        return { items, next: undefined };
      },
      others: {
        label: l10n.t('Vehicles in no fleet'),
        icon: 'circle-slash',
        vehicles: inNoFleet(api),
      },
    },
    {
      ...MANIFESTS,
      title: l10n.t('Model manifests'),
      empty: l10n.t('No model manifests: run make seed-vehicle-models'),
      signIn: l10n.t('Sign in to see the model manifests…'),
      icon: 'symbol-class',
      needs,
      async page(_, signal) {
        const items = (await api.manifests(signal)).map((manifest) => {
          const {
            modelManifestName: name,
            modelManifestVersion = '1',
            status = '-',
            decoderManifestRef = '-',
          } = manifest;
          return {
            ...{ key: `${name} ${modelManifestVersion}`, words: [status, decoderManifestRef].join(' · ') },
            ...{ icon: 'symbol-class', value: manifest },
            cells: [name, modelManifestVersion, status, decoderManifestRef],
          };
        });
        return { items, next: undefined };
      },
    },
    {
      ...DRIVERS,
      title: l10n.t('Drivers'),
      empty: l10n.t('No drivers yet'),
      signIn: l10n.t('Sign in to see the drivers…'),
      icon: 'person',
      needs,
      async page(page, signal) {
        const { items, next } = await api.drivers(page, signal);
        return {
          items: items.map((driver) => {
            const { driverId, firstName = '', lastName = '', status = '-', assignedVehicleId = '-' } = driver;
            const name = driver.name ?? `${firstName} ${lastName}`.trim();
            return {
              ...{
                key: driverId,
                words: [name, status].filter(Boolean).join(' · '),
                icon: 'person',
                value: driver,
              },
              cells: [driverId, name, status, assignedVehicleId],
            };
          }),
          next,
        };
      },
    },
    {
      ...ACCESS,
      title: l10n.t('Your access'),
      empty: l10n.t('You are in no group'),
      signIn: l10n.t('Sign in to see what you may do…'),
      icon: 'account',
      needs,
      async page(_, signal) {
        const claims = await entry.claims(signal);
        const { words, wrong } = judgeClaims(claims);
        const { groups, fleetIds, email = '-' } = claims;
        const other = (kind: 'group' | 'fleet', icon: string) => (key: string) => ({
          ...{ key, icon, words: kind === 'group' ? l10n.t('group') : l10n.t('fleet') },
          ...{ cells: [key, kind, ''], value: { kind, name: key } },
        });
        const user = {
          ...{ key: email, words, icon: wrong ? 'warning' : 'account' },
          ...{
            cells: [email, 'user', english(words)],
            value: { kind: 'user', name: email, groups, fleetIds },
          },
        };
        const items = [
          user,
          ...groups.map(other('group', 'shield')),
          ...fleetIds.map(other('fleet', 'organization')),
        ];
        return { items, next: undefined };
      },
    },
  ];
}
