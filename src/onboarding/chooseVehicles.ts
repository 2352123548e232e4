import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import { isOf, type Whose } from '../provisioning/stored.ts';

/** Vehicles: by VIN, those of a manifest, or all in the certificate folder. */
export type VehicleChoice =
  | { by: 'vins'; vins: readonly string[] }
  | { by: 'manifest'; vehicles: readonly ChosenVehicle[]; tags?: readonly string[] }
  | { by: 'folder'; tags?: readonly string[] };

export interface ChosenVehicle {
  vin: string;
  /** Where its folder says it. */
  id?: string;
  /** Whose it is, where its folder says it. */
  facts?: Parameters<typeof isOf>[0] | undefined;
  tags?: readonly string[] | undefined;
  /** As CMS calls it. */
  fuelType?: string | undefined;
}

const MOST_NAMED = 20;

/**
 * The chosen vehicles, in the order of names, manifest or folder. Of several tags one is enough.
 * @throws CmsError CERTIFICATE_MISSING for an empty folder, REQUEST_INVALID when no vehicle has such a tag.
 */
export async function chooseVehicles(
  choice: VehicleChoice,
  certificates: Pick<CertificateStore, 'folder' | 'ids' | 'facts'>,
): Promise<ChosenVehicle[]> {
  switch (choice.by) {
    case 'vins':
      return [...new Set(choice.vins)].map((vin) => ({ vin }));
    case 'manifest':
      return tagged(choice.vehicles, choice.tags);
    case 'folder':
      return tagged(await inFolder(certificates), choice.tags);
  }
}

/** Those of a deployment, as far as their files say whose they are: a folder may hold vehicles of several. */
export function vehiclesOf(
  chosen: readonly ChosenVehicle[],
  deployment: Whose,
): { own: ChosenVehicle[]; leftOut: number } {
  const own = chosen.filter(({ facts }) => facts === undefined || isOf(facts, deployment));
  return { own, leftOut: chosen.length - own.length };
}

async function inFolder(
  certificates: Pick<CertificateStore, 'folder' | 'ids' | 'facts'>,
): Promise<ChosenVehicle[]> {
  const ids = await certificates.ids();
  if (ids.length === 0) {
    const { folder } = certificates;
    throw new CmsError('CERTIFICATE_MISSING', l10n.t('{folder} contains no vehicles.', { folder }), {
      step: 'certificates',
      remedy: l10n.t('Onboard a vehicle first, or say with --certs where the certificates are.'),
      details: { vehicles: 0 },
    });
  }
  return Promise.all(
    ids.map(async (id) => {
      const facts = await certificates.facts(id);
      const { vin = id, tags, fuelType } = facts ?? {};
      return { vin, id, tags, fuelType, facts };
    }),
  );
}

function tagged(vehicles: readonly ChosenVehicle[], tags: readonly string[] | undefined): ChosenVehicle[] {
  if (tags === undefined) return [...vehicles];
  const wanted = new Set(tags);
  const chosen = vehicles.filter((vehicle) => vehicle.tags?.some((tag) => wanted.has(tag)));
  if (chosen.length > 0) return chosen;
  const there = [...new Set(vehicles.flatMap((vehicle) => vehicle.tags ?? []))].sort();
  const first = there.slice(0, MOST_NAMED).join(', ');
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('No vehicle has the tag {tags}.', { tags: l10n.list([...wanted], 'or') }),
    {
      step: 'certificates',
      remedy:
        there.length === 0
          ? l10n.t(
              'No vehicle has any tags: add some in the column "tags" of the manifest, or with provision --tags.',
            )
          : there.length > MOST_NAMED
            ? l10n.t('Existing tags: {tags}, ….', { tags: first })
            : l10n.t('Existing tags: {tags}.', { tags: first }),
      details: { vehicles: vehicles.length },
    },
  );
}
