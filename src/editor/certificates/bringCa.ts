import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection.ts';
import { l10n } from '../../core/message.ts';
import { say } from '../base/say.ts';
import { notify, pickOne } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

const PEM = ['pem', 'crt', 'cer', 'key'];

/**
 * Remembers a CA of one's own PKI in the workspace, where its files are: they are not copied. Without its key it can be
 * registered and looked at, and certificates are signed elsewhere.
 * @returns whether there is one now
 */
export async function bringCa(tasks: Tasks, access: VehicleAccess): Promise<boolean> {
  const { ownCas, backend, certificates } = access;
  certificates.requireTrust();
  const folder = await ownCas.folder();
  await backend().checkCaFolderFree(folder);
  const certificateFile = await pickFile(vscode.l10n.t('Certificate of the CA, then those above it (PEM)'));
  if (certificateFile === undefined) return false;
  const where = await pickOne(
    [
      {
        label: say(l10n.t('Its key is in a file…')),
        detail: say(l10n.t('PKCS#8, encrypted or not.')),
        here: true,
      },
      {
        label: say(l10n.t('Its key is kept elsewhere')),
        detail: say(l10n.t('Your PKI signs the certificates of vehicles; here the CA is only registered.')),
        here: false,
      },
    ],
    { title: vscode.l10n.t('Where is the private key of the CA?'), ignoreFocusOut: true },
  );
  if (where === undefined) return false;
  const keyFile = where.here ? await pickFile(vscode.l10n.t('Private key of the CA (PEM)')) : undefined;
  if (where.here && keyFile === undefined) return false;
  const added = await tasks.run({ title: vscode.l10n.t('Reading the CA') }, ({ clock }) =>
    backend().addCaFolder(
      folder,
      { certificateFile, keyFile, subject: {}, deviceDays: 3650 },
      { now: clock.now(), passphrase: () => ownCas.askAgain(folder) },
    ),
  );
  return added !== undefined;
}

/**
 * Asks for what proves that somebody holds the key of a CA that is kept elsewhere; undefined if it was not given. The
 * registration code is what that certificate has to be named.
 */
export async function askForProof(
  tasks: Tasks,
  access: VehicleAccess,
  open: (signal: AbortSignal) => Promise<Connection>,
): Promise<string | undefined> {
  const title = vscode.l10n.t('Asking for the registration code');
  const code = await tasks.run({ title, quiet: true }, async ({ signal }) =>
    access.backend().registrationCode(await open(signal), signal),
  );
  if (code === undefined) return undefined;
  const copy = vscode.l10n.t('Copy Code');
  const choose = vscode.l10n.t('Choose Certificate…');
  const text = vscode.l10n.t(
    'Let your PKI sign a certificate with the common name {0}, to prove that you hold the key of the CA.',
    code,
  );
  let answer = await notify.info(text, copy, choose);
  if (answer === copy) {
    await vscode.env.clipboard.writeText(code);
    answer = await notify.info(text, choose);
  }
  if (answer !== choose) return undefined;
  const file = await pickFile(vscode.l10n.t('Certificate over the registration code (PEM)'));
  return file === undefined ? undefined : readFile(file, 'utf8');
}

async function pickFile(title: string): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({ title, filters: { PEM, '*': ['*'] } });
  return picked?.[0]?.fsPath;
}
