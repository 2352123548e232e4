import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { errnoOf } from '../fileOperations.ts';
import { fingerprintOf } from '../../aws/iot/fingerprint.ts';
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
import { makeCa, type NewCa } from './makeCa.ts';
import type { OwnCa } from './ownCa.ts';
import { openCa, openKeyless, readCa, type SigningCa } from './signingCa.ts';
import { namePart, subjectRuleSchema } from './subject.ts';

const CERTIFICATE = 'ca.crt';
const KEY = 'ca.key';
const SETTINGS = 'ca.json';
/** A century: no certificate's year needs more than four digits. */
const MOST_DAYS = 36_500;

/** `ca.json`: where the CA is, and what it puts into the certificates of vehicles. No secret. */
const caSettingsSchema = z.strictObject({
  /** PEM: the CA, then those above it; relative to the folder. */
  certificateFile: z.string().min(1).default(CERTIFICATE),
  /** PEM. Null when the key is kept elsewhere: then certificates are signed there, too. */
  keyFile: z.string().min(1).nullable().default(KEY),
  /** What the subject of each certificate has besides the name of the thing and the VIN. */
  subject: subjectRuleSchema.default({}),
  /** How long a vehicle's certificate is good for. */
  deviceDays: z.number().int().min(1).max(MOST_DAYS).default(3650),
});
export type CaSettings = z.infer<typeof caSettingsSchema>;

const LONGEST = 64 * 1024;

/**
 * Makes a CA in a folder of its own. Nothing that is there is overwritten; a folder in which a run ended after it had
 * saved the key is finished with that key.
 * @throws CmsError REQUEST_INVALID, CERTIFICATE_EXISTS, CERTIFICATE_UNUSABLE for a key that does not open
 */
export async function createCaFolder(
  folder: string,
  { deviceDays, ...ca }: NewCa & Pick<CaSettings, 'deviceDays'>,
): Promise<string[]> {
  const settings = checkedSettings({ subject: ca.rule, deviceDays });
  const commonName = namePart.safeParse(ca.commonName);
  if (!commonName.success) {
    throw new CmsError('REQUEST_INVALID', l10n.t('The CA cannot have this name.'), {
      step: 'ca',
      remedy: l10n.t('A name has 1 to 64 characters and no control characters.'),
    });
  }
  if (ca.days > MOST_DAYS) throw tooLong();
  await onDisk(folder, () => prepare(folder));
  return onDisk(folder, async () => {
    await saveSettings(folder, settings);
    const saved = await readIfThere(join(folder, KEY));
    const made = await makeCa({
      ...ca,
      ...{ rule: settings.subject, commonName: commonName.data, privateKeyPem: saved },
    });
    if (saved === undefined) await createFile(join(folder, KEY), made.privateKeyPem, 0o600);
    await createFile(join(folder, CERTIFICATE), made.certificatePem, 0o644);
    return [CERTIFICATE, KEY, SETTINGS].map((name) => join(folder, name));
  });
}

/** Looks whether a CA can be made in a folder, before anybody is asked for anything. @throws CmsError CERTIFICATE_EXISTS */
export function checkCaFolderFree(folder: string): Promise<void> {
  return onDisk(folder, async () => {
    if (await checkFolder(folder)) await checkFree(folder);
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
  const checked = checkedSettings(settings);
  await onDisk(folder, async () => {
    if (await checkFolder(folder)) await checkFree(folder, 'nothing');
  });
  const opened = await openFiles(folder, files, opening);
  await onDisk(folder, async () => {
    await prepare(folder, 'nothing');
    await saveSettings(folder, { ...checked, ...files });
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
export interface CaOfFolder {
  settings: CaSettings;
  pem: { id: string; certificatePem: string };
  /** Undefined without its key. */
  ca: OwnCa | undefined;
  /** The same CA; it refuses to sign without its key. */
  keyless: OwnCa;
}

/** @throws CmsError CERTIFICATE_MISSING, CERTIFICATE_UNUSABLE, PASSWORD_MISSING, PATH_UNSAFE */
export async function openCaFolder(folder: string, opening: Opening): Promise<CaOfFolder> {
  const settings = await onDisk(folder, () => readSettings(folder));
  const signing = await openFiles(folder, settings, opening);
  const { subject: rule, deviceDays, keyFile } = settings;
  const ca = { signing, rule, deviceDays, folder };
  const { id, certificatePem } = signing;
  return { settings, pem: { id, certificatePem }, ca: keyFile === null ? undefined : ca, keyless: ca };
}

/**
 * The certificate of a CA alone, for work that neither signs nor registers; it may have expired.
 * @throws CmsError CERTIFICATE_MISSING, CERTIFICATE_UNUSABLE, PATH_UNSAFE
 */
export async function readCaFolder(folder: string): Promise<{ id: string; certificatePem: string }> {
  const { certificateFile } = await onDisk(folder, () => readSettings(folder));
  const { certificate } = readCa(await read(folder, certificateFile), undefined);
  return { id: fingerprintOf(certificate), certificatePem: certificate.toString() };
}

/** @throws CmsError CERTIFICATE_MISSING when the key is elsewhere */
export function signingIn(folder: string, { ca }: CaOfFolder): OwnCa {
  if (ca !== undefined) return ca;
  throw keyElsewhere(folder);
}

/** The CA for work on vehicles that have a pair of it already; without its key, it signs nothing. */
export function caIn({ ca, keyless }: CaOfFolder): OwnCa {
  return ca ?? keyless;
}

function keyElsewhere(folder: string): CmsError {
  return new CmsError(
    'CERTIFICATE_MISSING',
    l10n.t('The key of the CA in {folder} is kept elsewhere, so nothing can be signed here.', { folder }),
    {
      step: 'ca',
      remedy: l10n.t(
        'Specify the folder of a CA whose key is here, or let your PKI sign requests ("certificates request").',
      ),
    },
  );
}

async function openFiles(
  folder: string,
  { certificateFile, keyFile }: Pick<CaSettings, 'certificateFile' | 'keyFile'>,
  { now, passphrase }: Opening,
): Promise<SigningCa> {
  const certificatePem = await read(folder, certificateFile);
  if (keyFile === null) {
    return openKeyless(certificatePem, now, () => keyElsewhere(folder));
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

/**
 * The folder keeps its key out of version control and away from others.
 * @param begun what an earlier run may have left in it
 */
async function prepare(folder: string, begun: 'key' | 'nothing' = 'key'): Promise<void> {
  await makeFolder(join(folder, '..'), folder);
  await checkFolder(folder);
  await checkFree(folder, begun);
  const ignore = join(folder, '.gitignore');
  if ((await readIfThere(ignore)) !== undefined) return;
  const why = '# The key of a CA never belongs in version control.';
  await createFile(ignore, `${why}\n*.key\n`, 0o644);
}

/** Settings, and a key that has no certificate yet, are what a run leaves that ends early. */
async function checkFree(folder: string, begun: 'key' | 'nothing' = 'key'): Promise<void> {
  const [certificate, key, text] = await Promise.all(
    [CERTIFICATE, KEY, SETTINGS].map((name) => readIfThere(join(folder, name))),
  );
  const isBegun = begun === 'key' && certificate === undefined && isOfThisFolder(text);
  if (isBegun || [certificate, key, text].every((content) => content === undefined)) return;
  throw new CmsError('CERTIFICATE_EXISTS', l10n.t('There is already a CA in {folder}.', { folder }), {
    step: 'ca',
    remedy: l10n.t('Use it, or choose another folder (--ca-folder). A lost key cannot be recreated.'),
  });
}

/** Whether settings, if there are any, are of a CA whose files are beside them. */
function isOfThisFolder(text: string | undefined): boolean {
  if (text === undefined) return true;
  const parsed = parseJson(caSettingsSchema, text);
  return parsed.ok && parsed.value.certificateFile === CERTIFICATE && parsed.value.keyFile === KEY;
}

/** @throws CmsError REQUEST_INVALID */
function checkedSettings(
  settings: Pick<CaSettings, 'subject' | 'deviceDays'>,
): Pick<CaSettings, 'subject' | 'deviceDays'> {
  const parsed = caSettingsSchema.pick({ subject: true, deviceDays: true }).safeParse(settings);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path.at(-1) ?? 'subject');
  if (field === 'deviceDays') throw tooLong();
  throw new CmsError('REQUEST_INVALID', l10n.t('The subject cannot have this {field}.', { field }), {
    step: 'ca',
    remedy: l10n.t('Names have 64 characters at most; a country is two capital letters, such as US.'),
  });
}

function tooLong(): CmsError {
  return new CmsError('REQUEST_INVALID', l10n.t('A certificate cannot be valid for that many days.'), {
    step: 'ca',
    remedy: l10n.t('It is valid for 1 to {most} days.', { most: MOST_DAYS }),
  });
}

function saveSettings(folder: string, settings: Partial<CaSettings>): Promise<void> {
  return writeFileSafely(join(folder, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`, 0o644);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFileOfOurs(path, LONGEST);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function pathIn(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}

function missing(path: string): CmsError {
  return new CmsError('CERTIFICATE_MISSING', l10n.t('There is no CA in {path}.', { path }), {
    step: 'ca',
    remedy: l10n.t('Create one with "ca create", or specify the folder of yours (--ca-folder).'),
  });
}
