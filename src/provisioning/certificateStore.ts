import { join } from 'node:path';
import { CmsError } from '../core/errors.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import { provisioningFactsSchema, type CertificateStore, type StoredIdentity } from './certificates.ts';
import { errnoOf, nodeFiles, type FileOperations } from './fileOperations.ts';
import { checkPair } from './pair.ts';
import * as names from './vehicleFolder.ts';
import { openVehicleFolder, removeAll, replaceFile, type VehicleFolder } from './vehicleFolder.ts';

export const ROOT_CA = 'root.ca.pem';
let probes = 0;
const IGNORED = ['*.key', '*.crt', '*.pem', '.lock-*'];
/** What AWS IoT lets a thing be called: no dot, so no way out of the folder. Source: CreateThing. */
const FOLDER_NAME = process.platform === 'win32' ? /^[a-zA-Z0-9_-]{1,128}$/ : /^[a-zA-Z0-9:_-]{1,128}$/;

export interface CertificateStoreOptions {
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
  const now = options.now ?? Date.now;
  const queues = new Map<string, Promise<unknown>>();
  let probing: Promise<void> | undefined;

  /** One operation at a time on a vehicle's folder, begun by finishing what a crash interrupted. */
  function inFolder<T>(vin: string, work: (vehicle: VehicleFolder) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      if (!FOLDER_NAME.test(vin)) {
        throw new CmsError(
          'VIN_INVALID',
          `${JSON.stringify(vin)} cannot be the name of a folder or a thing.`,
          {
            remedy: 'Use letters, digits, - and _ only.',
          },
        );
      }
      const vehicle = openVehicleFolder(files, join(folder, vin));
      return onDisk(vehicle.path, async () => {
        await vehicle.settle();
        return work(vehicle);
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

  async function ensureFolder(): Promise<void> {
    await files.makeFolder(folder, 0o700);
    const ignore =
      (await files.kind(join(folder, '.gitignore'))) === undefined
        ? ''
        : await files.read(join(folder, '.gitignore'));
    const missing = IGNORED.filter((rule) => !ignore.split(/\r?\n/).includes(rule));
    if (missing.length === 0) return;
    const head =
      ignore === ''
        ? '# Keys and certificates of vehicles never belong in version control.'
        : ignore.trimEnd();
    await replaceFile(files, folder, '.gitignore', `${[head, ...missing].join('\n')}\n`, 0o644);
  }

  async function rootCa(): Promise<string | undefined> {
    const path = join(folder, ROOT_CA);
    return (await files.kind(path)) === undefined ? undefined : files.read(path);
  }

  async function readFacts(vehicle: VehicleFolder) {
    if (!(await vehicle.has(names.FACTS))) return undefined;
    try {
      return provisioningFactsSchema.parse(JSON.parse(await vehicle.read(names.FACTS)));
    } catch (error) {
      if (errnoOf(error) !== undefined) throw error;
      return undefined; // Facts are a convenience: damaged ones must not make a good pair useless.
    }
  }

  async function readPair(
    vehicle: VehicleFolder,
    prefix: string,
    what: string,
  ): Promise<StoredIdentity | undefined> {
    const certificate = await vehicle.has(prefix + names.PRODUCTION_CERTIFICATE);
    const key = await vehicle.has(prefix + names.PRODUCTION_KEY);
    if (!certificate && !key) return undefined;
    if (!certificate || !key) {
      const [there, missing] = key ? ['private key', 'certificate'] : ['certificate', 'private key'];
      throw new CmsError('CERTIFICATE_UNUSABLE', `${what} has no ${missing}; its ${there} is kept.`, {
        remedy: `Restore the missing file in ${vehicle.path}, or provision the vehicle with "replace" (--replace), which sets the rest aside.`,
      });
    }
    const identity: DeviceIdentity = {
      certificatePem: await vehicle.read(prefix + names.PRODUCTION_CERTIFICATE),
      privateKeyPem: await vehicle.read(prefix + names.PRODUCTION_KEY),
    };
    const root = await rootCa();
    const checked = checkPair(identity, { now: now(), what, ...(root === undefined ? {} : { root }) });
    const facts = await readFacts(vehicle);
    return {
      identity,
      certificateId: checked.certificateId,
      notAfter: checked.notAfter,
      facts: facts?.certificateId === checked.certificateId ? facts : undefined,
      files: {
        certificate: join(vehicle.path, prefix + names.PRODUCTION_CERTIFICATE),
        privateKey: join(vehicle.path, prefix + names.PRODUCTION_KEY),
      },
    };
  }

  /** Only a pair that belongs together is ever written. */
  function contentsOf(vin: string, pair: DeviceIdentity): Record<string, string> {
    checkPair(pair, { now: now(), what: `The new certificate of ${vin}` });
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
    ready: () =>
      (probing ??= onDisk(folder, async () => {
        await ensureFolder();
        const probe = `.probe-${process.pid}-${++probes}`;
        await removeAll(files, join(folder, probe));
        await files.create(join(folder, probe), '', 0o600);
        await files.removeFile(join(folder, probe));
      }).finally(() => (probing = undefined))),
    vins: () =>
      onDisk(folder, async () => {
        if ((await files.kind(folder)) === undefined) return [];
        const vins: string[] = [];
        for (const name of (await files.list(folder)).sort()) {
          if (FOLDER_NAME.test(name) && (await files.kind(join(folder, name))) === 'folder') vins.push(name);
        }
        return vins;
      }),
    production: (vin) =>
      inFolder(vin, (vehicle) => readPair(vehicle, '', `The production certificate of ${vin}`)),
    candidate: (vin) =>
      inFolder(vin, (vehicle) =>
        readPair(vehicle, `${names.CANDIDATE_FOLDER}/`, `The new certificate of ${vin}`),
      ),
    bootstrap: (vin) =>
      inFolder(vin, async (vehicle) => {
        if (!(await vehicle.has(names.BOOTSTRAP_CERTIFICATE)) || !(await vehicle.has(names.BOOTSTRAP_KEY))) {
          return undefined;
        }
        const pair = {
          certificatePem: await vehicle.read(names.BOOTSTRAP_CERTIFICATE),
          privateKeyPem: await vehicle.read(names.BOOTSTRAP_KEY),
        };
        const { certificateId } = checkPair(pair, {
          now: now(),
          what: `The bootstrap certificate of ${vin}`,
        });
        return { ...pair, certificateId };
      }),
    saveBootstrap: (vin, pair) =>
      inFolder(vin, async (vehicle) => {
        checkPair(pair, { now: now(), what: `The new bootstrap certificate of ${vin}` });
        await ensureFolder();
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
      inFolder(vin, async (vehicle) => {
        if ((await vehicle.has(names.PRODUCTION_KEY)) || (await vehicle.has(names.PRODUCTION_CERTIFICATE))) {
          throw new CmsError(
            'CERTIFICATE_EXISTS',
            `${vehicle.path} holds a production certificate or key already.`,
            {
              remedy: 'Rotate the certificate, or set the old pair aside first; it is never overwritten.',
            },
          );
        }
        const contents = contentsOf(vin, pair);
        await ensureFolder();
        await vehicle.replace('production', contents);
        return productionFiles(vehicle);
      }),
    saveCandidate: (vin, pair) =>
      inFolder(vin, async (vehicle) => {
        const contents = contentsOf(vin, pair);
        if (await vehicle.has(`${names.CANDIDATE_FOLDER}/${names.PRODUCTION_KEY}`)) {
          throw new CmsError('CERTIFICATE_EXISTS', `${vehicle.path} holds a new pair that waits already.`, {
            remedy: 'Run the rotation again: it finishes with that pair or sets it aside.',
          });
        }
        await ensureFolder();
        await vehicle.stageCandidate(contents);
        return Object.keys(contents).map((name) => join(vehicle.path, names.CANDIDATE_FOLDER, name));
      }),
    promoteCandidate: (vin) =>
      inFolder(vin, async (vehicle) => {
        await vehicle.promoteCandidate();
        return productionFiles(vehicle);
      }),
    dropCandidate: (vin) => inFolder(vin, (vehicle) => vehicle.dropCandidate()),
    setAside: (vin) => inFolder(vin, (vehicle) => vehicle.setAside()),
    facts: (vin) => inFolder(vin, readFacts),
    saveFacts: (vin, facts) =>
      inFolder(vin, (vehicle) => vehicle.writeFile(names.FACTS, `${JSON.stringify(facts, undefined, 2)}\n`)),
    rootCa: () => onDisk(folder, rootCa),
    saveRootCa: (pem) =>
      onDisk(folder, async () => {
        await ensureFolder();
        if ((await rootCa()) !== pem) await replaceFile(files, folder, ROOT_CA, pem, 0o644);
        return join(folder, ROOT_CA);
      }),
    removeBootstrap: (vin) =>
      inFolder(vin, (vehicle) =>
        vehicle.removeFiles([names.BOOTSTRAP_KEY, names.BOOTSTRAP_PUBLIC_KEY, names.BOOTSTRAP_CERTIFICATE]),
      ),
    remove: (vin) =>
      inFolder(vin, async (vehicle) => {
        if (!(await vehicle.exists())) return;
        await removeAll(files, vehicle.path);
        await files.syncFolder(folder);
      }),
  };
}

/** Turns the disk's own errors into one sentence and a remedy. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = errnoOf(error);
    if (error instanceof CmsError || code === undefined) throw error;
    const [why, remedy] = REASONS[code] ?? [
      `the system answered ${code}`,
      'Check the folder, or choose another.',
    ];
    throw new CmsError(
      'CERTIFICATE_STORE_FAILED',
      `The certificate folder ${path} could not be used: ${why}.`,
      {
        remedy,
        details: { errno: code },
        cause: error,
      },
    );
  }
}

const REASONS: Record<string, [string, string]> = {
  ENOSPC: ['the disk is full', 'Free some space and run it again; nothing was changed.'],
  EDQUOT: ['the disk quota is used up', 'Free some space and run it again; nothing was changed.'],
  EROFS: ['the disk is read-only', 'Choose a folder that can be written.'],
  EACCES: ['permission is denied', 'Choose a folder you may write to, or change its permissions.'],
  EPERM: ['permission is denied', 'Choose a folder you may write to, or change its permissions.'],
  ENOENT: ['a link in its path leads nowhere, or it was removed', 'Check the path, or choose another.'],
  ENOTDIR: ['a part of its path is a file', 'Choose a path whose parts are folders.'],
  EEXIST: ['something else is there', 'Choose another folder.'],
  ELOOP: ['a file in it is a symbolic link', 'Remove the link; keys are never read or written through one.'],
  ENOTEMPTY: ['another run is writing the same vehicle', 'Wait for the other run to end.'],
};
