import { CmsError } from '../core/errors.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';

/** Which vehicles somebody means: by name, of a manifest that was read, or all in the certificate folder. */
export type VehicleChoice =
  | { by: 'vins'; vins: readonly string[] }
  | { by: 'manifest'; vehicles: readonly ChosenVehicle[]; tags?: readonly string[] }
  | { by: 'folder'; tags?: readonly string[] };

export interface ChosenVehicle {
  vin: string;
  tags?: readonly string[] | undefined;
  /** As CMS calls it. */
  fuelType?: string | undefined;
}

const MOST_NAMED = 20;

/**
 * The vehicles that are meant, in the order of names, manifest or folder. Of several tags one is enough.
 * Throws CmsError CERTIFICATE_MISSING for an empty folder, REQUEST_INVALID when no vehicle has such a tag.
 */
export async function chooseVehicles(
  choice: VehicleChoice,
  certificates: Pick<CertificateStore, 'folder' | 'vins' | 'facts'>,
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

async function inFolder(
  certificates: Pick<CertificateStore, 'folder' | 'vins' | 'facts'>,
): Promise<ChosenVehicle[]> {
  const vins = await certificates.vins();
  if (vins.length === 0) {
    throw new CmsError('CERTIFICATE_MISSING', `${certificates.folder} holds no vehicle.`, {
      step: 'certificates',
      remedy: 'Onboard a vehicle first, or say with --certs where the certificates are.',
      details: { vehicles: 0 },
    });
  }
  return Promise.all(
    vins.map(async (vin) => {
      const { tags, fuelType } = (await certificates.facts(vin)) ?? {};
      return { vin, tags, fuelType };
    }),
  );
}

function tagged(vehicles: readonly ChosenVehicle[], tags: readonly string[] | undefined): ChosenVehicle[] {
  if (tags === undefined) return [...vehicles];
  const wanted = new Set(tags);
  const chosen = vehicles.filter((vehicle) => vehicle.tags?.some((tag) => wanted.has(tag)));
  if (chosen.length > 0) return chosen;
  const there = [...new Set(vehicles.flatMap((vehicle) => vehicle.tags ?? []))].sort();
  throw new CmsError('REQUEST_INVALID', `No vehicle has the tag ${[...wanted].join(' or ')}.`, {
    step: 'certificates',
    remedy:
      there.length === 0
        ? 'No vehicle has a tag at all: give some with the column "tags" of the manifest, or with provision --tags.'
        : `Tags there are: ${there.slice(0, MOST_NAMED).join(', ')}${there.length > MOST_NAMED ? ', …' : ''}.`,
    details: { vehicles: vehicles.length },
  });
}
