import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { CmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import {
  checkFolder,
  createFile,
  isOpenToRead,
  makeFolder,
  readFileOfOurs,
  writeFileSafely,
} from '../../core/safeFiles.ts';
import { onDisk } from '../diskErrors.ts';
import type { OwnCa } from './ownCa.ts';
import { makeCa, openCa, readCa, type NewCa, type SigningCa } from './signingCa.ts';
import { subjectRuleSchema } from './subject.ts';

/** `ca.json`: where the CA is, and what it puts into the certificates of vehicles. No secret. */
const caSettingsSchema = z.strictObject({
  /** PEM: the CA, then those above it; relative to the folder. */
  certificateFile: z.string().min(1).default('ca.crt'),
  /** PEM. Null when the key is kept elsewhere: then certificates are signed there, too. */
  keyFile: z.string().min(1).nullable().default('ca.key'),
  /** What the subject of each certificate has besides the name of the thing and the VIN. */
  subject: subjectRuleSchema.default({}),
  /** How long a vehicle's certificate is good for. */
  deviceDays: z.number().int().min(1).max(36_500).default(3650),
});
export type CaSettings = z.infer<typeof caSettingsSchema>;

const SETTINGS = 'ca.json';
const LONGEST = 64 * 1024;

/** Makes a CA in a folder of its own. Nothing that is there is overwritten. */
export async function createCaFolder(
  folder: string,
  ca: NewCa & Pick<CaSettings, 'deviceDays'>,
): Promise<string[]> {
  await onDisk(folder, () => prepare(folder));
  const { certificatePem, privateKeyPem } = await makeCa(ca);
  return onDisk(folder, async () => {
    const files: [string, string, number][] = [
      ['ca.key', privateKeyPem, 0o600],
      ['ca.crt', certificatePem, 0o644],
    ];
    for (const [name, content, mode] of files) await createFile(join(folder, name), content, mode);
    await saveSettings(folder, { subject: ca.rule, deviceDays: ca.deviceDays });
    return ['ca.crt', 'ca.key', SETTINGS].map((name) => join(folder, name));
  });
}

/** Remembers a CA whose files are kept elsewhere; they are read once to see that they are a pair. */
export async function addCaFolder(
  folder: string,
  {
    certificateFile,
    keyFile,
    ...settings
  }: { certificateFile: string; keyFile: string | undefined } & Pick<CaSettings, 'subject' | 'deviceDays'>,
  opening: Opening,
): Promise<{ id: string }> {
  const files = {
    certificateFile: resolve(certificateFile),
    keyFile: keyFile === undefined ? null : resolve(keyFile),
  };
  const opened = await openFiles(folder, files, opening);
  await onDisk(folder, async () => {
    await prepare(folder);
    await saveSettings(folder, { ...files, ...settings });
  });
  return { id: opened.id };
}

export interface Opening {
  /** Milliseconds since 1970. */
  now: number;
  /** Asked for only when the key is encrypted. */
  passphrase: () => Promise<string>;
}

/** A CA without its key can be registered and looked at, but not sign. */
export type CaOfFolder = { settings: CaSettings } & (
  | { ca: OwnCa; pem: { id: string; certificatePem: string } }
  | { ca: undefined; pem: { id: string; certificatePem: string } }
);

/** @throws CmsError CERTIFICATE_MISSING, CERTIFICATE_UNUSABLE, PASSWORD_MISSING, PATH_UNSAFE */
export async function openCaFolder(folder: string, opening: Opening): Promise<CaOfFolder> {
  const settings = await onDisk(folder, () => readSettings(folder));
  const opened = await openFiles(folder, settings, opening);
  const pem = { id: opened.id, certificatePem: opened.certificatePem };
  if (opened.sign === undefined) return { settings, ca: undefined, pem };
  const ca = { signing: opened as SigningCa, rule: settings.subject, deviceDays: settings.deviceDays };
  return { settings, ca, pem };
}

/** @throws CmsError CERTIFICATE_MISSING when the key is elsewhere */
export function signingIn(folder: string, { ca }: CaOfFolder): OwnCa {
  if (ca !== undefined) return ca;
  throw new CmsError(
    'CERTIFICATE_MISSING',
    l10n.t('The key of the CA in {folder} is kept elsewhere, so nothing can be signed here.', { folder }),
    { step: 'ca', remedy: l10n.t('Name the folder of a CA whose key is here.') },
  );
}

async function openFiles(
  folder: string,
  { certificateFile, keyFile }: Pick<CaSettings, 'certificateFile' | 'keyFile'>,
  { now, passphrase }: Opening,
): Promise<{ id: string; certificatePem: string } & Partial<SigningCa>> {
  const certificatePem = await read(folder, certificateFile);
  if (keyFile === null) {
    const { certificate } = readCa(certificatePem, now);
    const id = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    return { id, certificatePem: certificate.toString() };
  }
  const path = pathIn(folder, keyFile);
  if (await onDisk(path, () => isOpenToRead(path))) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('Others can read the key of the CA, {path}.', { path }),
      {
        step: 'ca',
        remedy: l10n.t('Restrict access to it: chmod 600 {path}', { path }),
      },
    );
  }
  return openCa({ certificatePem, privateKeyPem: await read(folder, keyFile) }, { now, passphrase });
}

function read(folder: string, file: string): Promise<string> {
  const path = pathIn(folder, file);
  return onDisk(path, async () => {
    try {
      return await readFileOfOurs(path, LONGEST);
    } catch (error) {
      throw isMissing(error) ? missing(path) : error;
    }
  });
}

async function readSettings(folder: string): Promise<CaSettings> {
  const path = join(folder, SETTINGS);
  if (!(await checkFolder(folder))) throw missing(folder);
  let text: string;
  try {
    text = await readFileOfOurs(path, LONGEST);
  } catch (error) {
    // A folder with nothing but the two files is a CA, too.
    if (isMissing(error)) return caSettingsSchema.parse({});
    throw error;
  }
  const parsed = parseJson(caSettingsSchema, text);
  if (parsed.ok) return parsed.value;
  throw new CmsError('CERTIFICATE_UNUSABLE', l10n.t('{path} cannot be read.', { path }), {
    step: 'ca',
    remedy: l10n.t(
      'It is JSON with "subject" (organization, organizationalUnit, country, stateName), "deviceDays", and, for files kept elsewhere, "certificateFile" and "keyFile".',
    ),
  });
}

/** The folder keeps its key out of version control and away from others. */
async function prepare(folder: string): Promise<void> {
  await makeFolder(join(folder, '..'), folder);
  await checkFolder(folder);
  for (const name of ['ca.key', 'ca.crt', SETTINGS]) {
    const path = join(folder, name);
    if (!(await isThere(path))) continue;
    throw new CmsError('CERTIFICATE_EXISTS', l10n.t('There is a CA in {folder} already.', { folder }), {
      step: 'ca',
      remedy: l10n.t(
        'Use it, or choose another folder (--ca-folder). A key that is lost cannot be made again.',
      ),
    });
  }
  const ignore = join(folder, '.gitignore');
  if (await isThere(ignore)) return;
  const why = '# The key of a CA never belongs in version control.';
  await createFile(ignore, `${why}\n*.key\n`, 0o644);
}

function saveSettings(folder: string, settings: Partial<CaSettings>): Promise<void> {
  return writeFileSafely(join(folder, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`, 0o644);
}

async function isThere(path: string): Promise<boolean> {
  return readFileOfOurs(path, LONGEST).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

function pathIn(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function missing(path: string): CmsError {
  return new CmsError('CERTIFICATE_MISSING', l10n.t('There is no CA in {path}.', { path }), {
    step: 'ca',
    remedy: l10n.t('Make one with "ca create", or name the folder of yours (--ca-folder).'),
  });
}
