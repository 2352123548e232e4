import type { Command } from 'commander';
import {
  certificatesOfCa,
  deleteCa,
  findCa,
  listCas,
  updateCa,
  type CloudCa,
} from '../aws/iot/caCertificates.ts';
import type { Connection } from '../aws/connection.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { addCaFolder, checkCaFolderFree, createCaFolder, readCaFolder } from '../provisioning/ca/caFolder.ts';
import { findFunction, functionStackName } from '../provisioning/ca/function/registrationFunction.ts';
import type { SubjectRule } from '../provisioning/ca/subject.ts';
import { openingIn } from './caOptions.ts';
import { addCaFunction } from './caFunction.ts';
import { addCaRegister } from './caRegister.ts';
import { EXIT } from './exitCodes.ts';
import { columns, counted } from './format.ts';
import { connect } from './open.ts';
import {
  caFolderOf,
  type CaFlags,
  type CommonFlags,
  count,
  examples,
  notEmpty,
  withCaFolder,
  withConnection,
  withOutput,
} from './options.ts';
import { confirmed, newCaPassphraseOf } from './password.ts';
import { inSession, type Session } from './session.ts';

interface SubjectFlags {
  organization?: string;
  organizationalUnit?: string;
  country?: string;
  state?: string;
  deviceDays: number;
}

type CreateFlags = CaFlags &
  SubjectFlags & { commonName: string; days: number; passphrase: boolean; json?: boolean };
type AddFlags = CaFlags & SubjectFlags & { certificate: string; key?: string; json?: boolean };
type OneFlags = CommonFlags & CaFlags & { id?: string; yes?: boolean };

const WIDTHS = [66, 10, 20, 12, 24];

/** A CA of one's own: made, registered, listed, switched, removed. */
export function addCa(program: Command, generations: readonly Generation[]): void {
  const ca = program
    .command('ca')
    .description(
      'have your own CA sign the certificates of vehicles, and let AWS IoT take them at their first connect',
    );
  addCreate(ca);
  addAdd(ca);
  addCaRegister(ca, generations);
  addList(ca);
  addSwitch(ca, 'on');
  addSwitch(ca, 'off');
  addRemove(ca);
  addCaFunction(ca, generations);
}

function withSubject(command: Command): Command {
  return command
    .optionsGroup('Certificates of the vehicles:')
    .option('--organization <name>', 'organization in their subject', notEmpty)
    .option('--organizational-unit <name>', 'organizational unit in their subject', notEmpty)
    .option('--country <code>', 'country in their subject, two letters', notEmpty)
    .option('--state <name>', 'state or province in their subject', notEmpty)
    .option('--device-days <n>', 'how many days they are good for', count, 3650);
}

function addCreate(ca: Command): void {
  const command = ca
    .command('create')
    .description('make a root CA (EC P-256) in a folder; its key is encrypted with a passphrase')
    .requiredOption('--common-name <name>', 'name of the CA, such as "Acme Vehicle CA 2026"', notEmpty)
    .option('--days <n>', 'how many days it is valid', count, 7300)
    .option('--no-passphrase', 'leave the key unencrypted; only the mode of its file guards it then');
  withCaFolder(withSubject(command));
  examples(
    withOutput(command),
    'cms-enablement ca create --common-name "Acme Vehicle CA" --organization Acme --country US',
  );
  command.action((flags: CreateFlags) =>
    inSession(flags, async ({ output, work }) => {
      const rule = ruleOf(flags);
      const folder = caFolderOf(flags);
      await checkCaFolderFree(folder);
      const passphrase = flags.passphrase
        ? await newCaPassphraseOf(work.signal, () => output.quiet())
        : undefined;
      const { commonName, days, deviceDays } = flags;
      const ca = { commonName, rule, days, passphrase, now: work.clock.now(), deviceDays };
      const files = await createCaFolder(folder, ca);
      output.result(
        'result',
        { files },
        [
          'The CA is created. Keep its key safe: it cannot be recreated.',
          ...files.map((file) => `  ${file}`),
        ].join('\n'),
      );
      return EXIT.ok;
    }),
  );
}

function addAdd(ca: Command): void {
  const command = ca
    .command('add')
    .description('use a CA whose files are kept elsewhere; they are not copied')
    .requiredOption('--certificate <file>', 'PEM: the CA, then those above it', notEmpty)
    .option(
      '--key <file>',
      'PEM of its private key; without it, certificates are signed elsewhere',
      notEmpty,
    );
  withCaFolder(withSubject(command));
  examples(
    withOutput(command),
    'cms-enablement ca add --certificate pki/vehicles.pem --key pki/vehicles.key',
  );
  command.action((flags: AddFlags) =>
    inSession(flags, async (session) => {
      const { certificate, key, deviceDays } = flags;
      const wish = { certificateFile: certificate, keyFile: key, subject: ruleOf(flags), deviceDays };
      const { id } = await addCaFolder(caFolderOf(flags), wish, openingIn(session));
      session.output.result('result', { caCertificateId: id }, `CA ${id} is used from ${caFolderOf(flags)}.`);
      return EXIT.ok;
    }),
  );
}

function addList(ca: Command): void {
  const command = ca.command('list').description('list the CAs that are registered in AWS IoT');
  withConnection(command);
  examples(withOutput(command), 'cms-enablement ca list --profile dev');
  command.action((flags: CommonFlags) =>
    inSession(flags, async (session) => {
      const { output, work } = session;
      const connection = await connect(flags, session);
      let listed = 0;
      for await (const id of listCas(connection, work.signal)) {
        const found = await findCa(connection, id, work.signal);
        if (found === undefined) continue;
        if (listed++ === 0) output.note(columns(['CA', 'STATUS', 'VEHICLES', 'MODE', 'EXPIRES'], WIDTHS));
        const { status, autoRegistration, mode, notAfter, templateName } = found;
        const json = {
          caCertificateId: id,
          status,
          autoRegistration,
          mode,
          notAfter,
          templateName,
          way: wayWord(found),
        };
        const expires = notAfter?.toISOString().slice(0, 10) ?? '-';
        output.result('ca', json, columns([id, status, wayWord(found), mode, expires], WIDTHS));
      }
      if (listed === 0) output.note('No CA is registered here.');
      return EXIT.ok;
    }),
  );
}

/** How vehicles of a CA come in. */
function wayWord({ mode, autoRegistration, templateName, templateBody }: CloudCa): string {
  if (mode === 'SNI_ONLY') return 'by a list';
  if (!autoRegistration) return 'none by themselves';
  return templateName === undefined && templateBody === undefined ? 'jitr' : 'jitp';
}

function withOne(command: Command): Command {
  command.option('--id <id>', 'id of the CA, as "ca list" shows it (default: that of the folder)', notEmpty);
  return withConnection(withCaFolder(command));
}

function addSwitch(ca: Command, name: 'on' | 'off'): void {
  const command = ca
    .command(name)
    .description(
      name === 'on'
        ? 'switch a CA on again in AWS IoT'
        : 'switch a CA off in AWS IoT: no new vehicle of it is let in; those let in before keep working',
    );
  examples(withOutput(withOne(command)), `cms-enablement ca ${name}`);
  command.action((flags: OneFlags) =>
    inSession(flags, async (session) => {
      const connection = await connect(flags, session);
      const found = await caNamed(flags, connection, session);
      const status = name === 'on' ? 'ACTIVE' : 'INACTIVE';
      if (found.status !== status) await updateCa(connection, found.id, { status }, session.work.signal);
      session.output.result('result', { caCertificateId: found.id, status }, `CA ${found.id} is ${status}.`);
      return EXIT.ok;
    }),
  );
}

function addRemove(ca: Command): void {
  const command = ca
    .command('remove')
    .description('remove a CA from AWS IoT; what it signed keeps working, and its files stay')
    .option('-y, --yes', 'do not ask');
  examples(withOutput(withOne(command)), 'cms-enablement ca remove --id 0f3a…');
  command.action((flags: OneFlags) =>
    inSession(flags, async (session) => {
      const { output, work } = session;
      const connection = await connect(flags, session);
      const found = await caNamed(flags, connection, session);
      let vehicles = 0;
      let active = 0;
      for await (const { status } of certificatesOfCa(connection, found.id, work.signal)) {
        vehicles += 1;
        if (status === 'ACTIVE') active += 1;
      }
      const plan = `CA ${found.id} has signed ${counted(vehicles, 'registered certificate')}, ${active} of them ACTIVE. What is in service keeps working; no new vehicle of it is let in.`;
      output.note(plan);
      if ((await findFunction(found.id, connection, work.signal)) !== undefined) {
        output.note(
          `The function of stack ${functionStackName(found.id)} lets its vehicles in. It stays: "ca function remove --id ${found.id}" removes it.`,
        );
      }
      if (flags.yes !== true) {
        if (output.json || !process.stdin.isTTY) {
          throw new CmsError('REQUEST_INVALID', l10n.t("Can't ask for confirmation here."), {
            remedy: l10n.t('Use --yes if that is what you want.'),
          });
        }
        output.quiet();
        if (!(await confirmed('Remove it?', work.signal))) return EXIT.cancelled;
      }
      if (found.status === 'ACTIVE')
        await updateCa(connection, found.id, { status: 'INACTIVE' }, work.signal);
      await deleteCa(connection, found.id, work.signal);
      output.result(
        'result',
        { caCertificateId: found.id, certificates: vehicles, active },
        `CA ${found.id} is removed.`,
      );
      return EXIT.ok;
    }),
  );
}

async function caNamed(
  { id, ...flags }: OneFlags,
  connection: Connection,
  session: Session,
): Promise<CloudCa> {
  const named = id ?? (await readCaFolder(caFolderOf(flags))).id;
  const found = await findCa(connection, named, session.work.signal);
  if (found !== undefined) return found;
  throw new CmsError(
    'CERTIFICATE_MISSING',
    l10n.t('The CA {id} is not registered in {region}.', { id: named, region: connection.region }),
    { step: 'ca', remedy: l10n.t('"ca list" names those that are; "ca register" registers yours.') },
  );
}

function ruleOf({ organization, organizationalUnit, country, state: stateName }: SubjectFlags): SubjectRule {
  return defined({ organization, organizationalUnit, country, stateName });
}
