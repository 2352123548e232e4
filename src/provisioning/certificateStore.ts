import { basename, dirname, join } from 'node:path';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n, type Message } from '../core/message.ts';
import { checkWay, closeFolder, isOpenToRead } from '../core/safeFiles.ts';
import { systemClock } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import {
  completeFacts,
  provisioningFactsSchema,
  type CertificateStore,
  type ProvisioningFacts,
  type StoredIdentity,
} from './certificates.ts';
import { onDisk } from './diskErrors.ts';
import { nodeFiles, type FileOperations } from './fileOperations.ts';
import { removeAll, replaceFile } from './folderAccess.ts';
import * as names from './folderNames.ts';
import { checkPair, examinePair, pairIdOf, privateKeyIn } from './pair.ts';
import type { Stored } from './stored.ts';
import { openStorePlace } from './storePlace.ts';
import type { Place } from './unfinished.ts';
import { halfPair, openKey } from './unusablePairs.ts';
import { openVehicleFolder, type VehicleFolder } from './vehicleFolder.ts';

export const ROOT_CA = 'root.ca.pem';

export interface CertificateStoreOptions {
  /** The folder that the person chose, such as the workspace: from there down no link is followed. Default: the parent. */
  root?: string;
  files?: FileOperations;
  /** Milliseconds since 1970, for the dates of certificates. */
  now?: () => number;
}

/** The certificates under `folder`, which is made when first needed. */
export function createCertificateStore(
  folder: string,
  options: CertificateStoreOptions = {},
): CertificateStore {
  const files = options.files ?? nodeFiles;
  const now = options.now ?? (() => systemClock.now());
  const root = options.root ?? dirname(folder);
  const place = openStorePlace(files, root, folder);
  const queues = new Map<string, Promise<unknown>>();
  let probing: Promise<void> | undefined;

  /** One operation at a time on a vehicle's folder. A look leaves it as it is. */
  function look<T>(
    vin: string,
    task: (of: VehicleFolder, isThere: boolean) => Promise<T>,
    changes = false,
  ): Promise<T> {
    const run = async (): Promise<T> => {
      if (!names.isFolderName(vin)) {
        const name = JSON.stringify(vin);
        throw new CmsError(
          'VIN_INVALID',
          l10n.t('{name} cannot be used as a folder or thing name.', { name }),
          { remedy: l10n.t('Use letters, digits, - and _ only.') },
        );
      }
      const vehicle = openVehicleFolder(files, join(folder, vin), place.sync);
      return onDisk(vehicle.path, async () => {
        await place.check();
        if (changes) await closeFolder(vehicle.path);
        // Which throws if it is not one to keep keys in.
        return task(vehicle, await vehicle.exists());
      });
    };
    const result = (queues.get(vin) ?? Promise.resolve()).then(run, run);
    queues.set(vin, result);
    const done = () => {
      if (queues.get(vin) === result) queues.delete(vin);
    };
    result.then(done, done);
    return result;
  }

  /** The same for a change, which begins by finishing what a crash interrupted. */
  function change<T>(vin: string, task: (of: VehicleFolder, isThere: boolean) => Promise<T>): Promise<T> {
    const settled = async (vehicle: VehicleFolder, isThere: boolean): Promise<T> => {
      if (isThere) await vehicle.settle();
      return task(vehicle, isThere);
    };
    return look(vin, settled, true);
  }

  async function rootCa(): Promise<string | undefined> {
    const path = join(folder, ROOT_CA);
    return (await files.kind(path)) === undefined ? undefined : files.read(path);
  }

  /** Facts are a convenience: damaged ones must not make a good pair useless. */
  async function readFacts(vehicle: VehicleFolder): Promise<ProvisioningFacts | undefined> {
    if (!(await vehicle.has(names.FACTS))) return undefined;
    const parsed = parseJson(provisioningFactsSchema, await vehicle.read(names.FACTS));
    return parsed.ok ? completeFacts(parsed.value, basename(vehicle.path)) : undefined;
  }

  async function readPair(
    vehicle: VehicleFolder,
    { certificate, key }: Place,
    what: Message,
  ): Promise<Stored<StoredIdentity>> {
    if (certificate === undefined && key === undefined) return { kind: 'none' };
    if (certificate === undefined) return halfPair(what, 'key', vehicle.path);
    if (key === undefined) return halfPair(what, 'certificate', vehicle.path);
    const identity: DeviceIdentity = {
      certificatePem: await vehicle.read(certificate),
      privateKeyPem: privateKeyIn(await vehicle.read(key)),
    };
    const verdict = examinePair(identity, { now: now(), what, root: await rootCa() });
    if (verdict.kind === 'unusable') return verdict;
    const file = join(vehicle.path, key);
    if (await isOpenToRead(file)) return openKey(what, file);
    const { certificateId, notAfter } = verdict.checked;
    const facts = await readFacts(vehicle);
    return {
      kind: 'ok',
      pair: {
        identity,
        certificateId,
        notAfter,
        facts: facts?.certificateId === certificateId ? facts : undefined,
        files: { certificate: join(vehicle.path, certificate), privateKey: join(vehicle.path, key) },
      },
    };
  }

  /** Only a pair that belongs together is ever written. */
  function contentsOf(vin: string, pair: DeviceIdentity): Record<string, string> {
    checkPair(pair, { now: now(), what: l10n.t('The new certificate of {vin}', { vin }) });
    return {
      [names.PRODUCTION_KEY]: pair.privateKeyPem,
      [names.PRODUCTION_CERTIFICATE]: pair.certificatePem,
    };
  }

  function productionFiles(vehicle: VehicleFolder): string[] {
    return [join(vehicle.path, names.PRODUCTION_CERTIFICATE), join(vehicle.path, names.PRODUCTION_KEY)];
  }

  return {
    folder,
    // Vehicles that are worked on at the same time ask at the same time: one look answers them all.
    ready: (tell = () => undefined) =>
      (probing ??= onDisk(folder, () => place.makeReady(tell)).finally(() => (probing = undefined))),
    ids: () =>
      onDisk(folder, async () => {
        await checkWay(root, folder);
        if ((await files.kind(folder)) === undefined) return [];
        const ids: string[] = [];
        for (const name of (await files.list(folder)).sort()) {
          if (names.isFolderName(name) && (await files.kind(join(folder, name))) === 'folder') ids.push(name);
        }
        return ids;
      }),
    production: (vin) =>
      look(vin, async (vehicle, isThere) => {
        if (!isThere) return { kind: 'none' };
        const what = l10n.t('The production certificate of {vin}', { vin });
        return readPair(vehicle, await vehicle.inUse('production'), what);
      }),
    candidate: (vin) =>
      look(vin, async (vehicle) => {
        const at = await vehicle.candidate();
        const what = l10n.t('The new certificate of {vin}', { vin });
        return at === undefined ? { kind: 'none' } : readPair(vehicle, at, what);
      }),
    bootstrap: (vin) =>
      look(vin, async (vehicle) => {
        const { certificate, key } = await vehicle.inUse('bootstrap');
        if (certificate === undefined || key === undefined) return { kind: 'none' };
        const pair = {
          certificatePem: await vehicle.read(certificate),
          privateKeyPem: privateKeyIn(await vehicle.read(key)),
        };
        const what = l10n.t('The bootstrap certificate of {vin}', { vin });
        const verdict = examinePair(pair, { now: now(), what });
        if (verdict.kind === 'unusable') return verdict;
        const file = join(vehicle.path, key);
        if (await isOpenToRead(file)) return openKey(what, file);
        return { kind: 'ok', pair: { ...pair, certificateId: verdict.checked.certificateId } };
      }),
    previousIds: (vin) =>
      look(vin, async (vehicle) => (await vehicle.previous()).flatMap((pair) => pairIdOf(pair) ?? [])),
    saveBootstrap: (vin, pair) =>
      change(vin, async (vehicle) => {
        const what = l10n.t('The new bootstrap certificate of {vin}', { vin });
        checkPair(pair, { now: now(), what });
        await place.ensure();
        await vehicle.replace('bootstrap', {
          [names.BOOTSTRAP_KEY]: pair.privateKeyPem,
          [names.BOOTSTRAP_PUBLIC_KEY]: pair.publicKeyPem,
          [names.BOOTSTRAP_CERTIFICATE]: pair.certificatePem,
        });
        return [names.BOOTSTRAP_CERTIFICATE, names.BOOTSTRAP_KEY, names.BOOTSTRAP_PUBLIC_KEY].map((name) =>
          join(vehicle.path, name),
        );
      }),
    saveProduction: (vin, pair) =>
      change(vin, async (vehicle, isThere) => {
        const has = async (name: string) => isThere && vehicle.has(name);
        if ((await has(names.PRODUCTION_KEY)) || (await has(names.PRODUCTION_CERTIFICATE))) {
          const { path } = vehicle;
          throw exists(
            l10n.t('{path} already contains a production certificate or key.', { path }),
            l10n.t('Rotate the certificate, or set the old pair aside first; it is never overwritten.'),
          );
        }
        const contents = contentsOf(vin, pair);
        await place.ensure();
        await vehicle.replace('production', contents);
        return productionFiles(vehicle);
      }),
    saveCandidate: (vin, pair) =>
      change(vin, async (vehicle) => {
        const contents = contentsOf(vin, pair);
        if ((await vehicle.candidate())?.key !== undefined) {
          const { path } = vehicle;
          throw exists(
            l10n.t('{path} already contains a new pair that is waiting.', { path }),
            l10n.t('Run the rotation again: it finishes with that pair or sets it aside.'),
          );
        }
        await place.ensure();
        await vehicle.stageCandidate(contents);
        return Object.keys(contents).map((name) => join(vehicle.path, names.CANDIDATE_FOLDER, name));
      }),
    promoteCandidate: (vin) =>
      change(vin, async (vehicle) => {
        await vehicle.promoteCandidate();
        return productionFiles(vehicle);
      }),
    dropCandidate: (vin) => change(vin, (vehicle) => vehicle.dropCandidate()),
    setAside: (vin) => change(vin, (vehicle) => vehicle.setAside()),
    setBootstrapAside: (vin) => change(vin, (vehicle) => vehicle.setBootstrapAside()),
    facts: (vin) => look(vin, readFacts),
    saveFacts: (vin, facts) =>
      change(vin, (vehicle) => vehicle.writeFile(names.FACTS, `${JSON.stringify(facts, undefined, 2)}\n`)),
    rootCa: () =>
      onDisk(folder, async () => {
        await checkWay(root, folder);
        return rootCa();
      }),
    saveRootCa: (pem) =>
      onDisk(folder, async () => {
        await place.ensure();
        if ((await rootCa()) !== pem) await replaceFile(files, folder, ROOT_CA, pem, 0o644);
        return join(folder, ROOT_CA);
      }),
    removeBootstrap: (vin) =>
      change(vin, (vehicle) =>
        vehicle.removeFiles([names.BOOTSTRAP_KEY, names.BOOTSTRAP_PUBLIC_KEY, names.BOOTSTRAP_CERTIFICATE]),
      ),
    finish: (vin) => change(vin, () => Promise.resolve()),
    // Whatever is in it goes, so nothing has to be finished first.
    remove: (vin) =>
      look(vin, async (vehicle) => {
        if (!(await vehicle.exists())) return;
        await removeAll(files, vehicle.path);
        await place.sync();
      }),
  };
}

function exists(sentence: Message, remedy: Message): CmsError {
  return new CmsError('CERTIFICATE_EXISTS', sentence, { remedy });
}
