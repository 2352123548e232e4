import { alreadyExists } from '../../aws/calls.ts';
import { toCmsError } from '../../aws/errors.ts';
import {
  findCa,
  registerCa,
  registrationCode,
  updateCa,
  type CaChange,
  type CloudCa,
} from '../../aws/iot/caCertificates.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { retry } from '../../core/retry.ts';
import type { Work } from '../../core/work.ts';
import type { SetupDeps } from '../setup.ts';
import { ensureRegistrationRole, mostOf, type Made, type SetupResult } from '../registrationRole.ts';
import { ensureTemplate, ROLE_NOT_KNOWN_YET, roleNotKnownYet } from '../template.ts';
import { COMMON_NAME } from '../templateBody.ts';
import type { OwnCa } from './ownCa.ts';
import { ownTemplate, type OwnTemplate } from './ownTemplate.ts';
import { verificationCertificate, type SigningCa } from './signingCa.ts';

export type CaWay = 'jitp' | 'jitr';

/** How a CA is to be registered. */
export interface CaWish {
  way: CaWay;
  /** Name of the JITP template; undefined: the one the CA has if it does the same, else that of the CMS. */
  templateName?: string | undefined;
  /** Whether a CA that is registered in another way is changed; otherwise that is an error that says what differs. */
  change: boolean;
  /** Where the CA's key is elsewhere: its certificate over the registration code. */
  verificationPem?: string | undefined;
  /** Where the CA is, for the command that somebody is told. */
  folder?: string | undefined;
}

/** The CA and its settings, for work that found out before which. @throws CmsError CA_CONFLICT, PROVISIONER_UNKNOWN */
export async function ensureOwnCa(way: CaWay, deps: SetupDeps, work: Work): Promise<SetupResult> {
  const setup = ownCaOf(deps);
  const { signing, folder } = await caOf(deps);
  return ensureCa({ way, change: false, folder }, signing, setup, deps, work);
}

/** @throws CmsError REQUEST_INVALID where the CMS takes no vehicles of an own CA */
export function ownCaOf({ provisioner }: Pick<SetupDeps, 'provisioner'>): OwnCaSetup {
  const { ownCa, noOwnCa: why } = provisioner;
  if (ownCa !== undefined) return ownCa;
  throw new CmsError(
    'REQUEST_INVALID',
    why === undefined
      ? l10n.t('This CMS does not accept vehicles whose certificates are signed by your own CA.')
      : l10n.t('This CMS does not accept vehicles whose certificates are signed by your own CA: {why}.', {
          why,
        }),
    { step: 'ca', remedy: l10n.t('Leave the provisioner out: vehicles then get certificates its own way.') },
  );
}

/** @throws CmsError REQUEST_INVALID if no CA was named */
export async function caOf({ ca }: Pick<SetupDeps, 'ca'>): Promise<OwnCa> {
  if (ca !== undefined) return ca();
  throw new CmsError('REQUEST_INVALID', l10n.t('No CA was specified to sign the certificate.'), {
    step: 'ca',
    remedy: l10n.t('Specify the folder of your CA (--ca-folder), or create one with "ca create".'),
  });
}

/**
 * Registers a CA for just-in-time provisioning or registration, with role and template; each is looked at first. What
 * stands in the way of that is said before anything is made.
 */
export async function ensureCa(
  wish: CaWish,
  ca: Pick<SigningCa, 'id' | 'certificatePem'> & Partial<SigningCa>,
  setup: OwnCaSetup,
  deps: Pick<SetupDeps, 'connection' | 'roleBoundary'>,
  work: Work,
): Promise<SetupResult> {
  const { connection } = deps;
  work.progress({ step: 'ca', level: 'debug', message: l10n.t('Checking CA {id}', { id: ca.id }) });
  const before = await findCa(connection, ca.id, work.signal);
  const own = before === undefined ? undefined : await ownTemplate(before, wish, setup, connection, work);
  const { templateName: named } = wish;
  const wanted = { ...wish, templateName: named ?? setup.templateName, named, own };
  let proof: Promise<string> | undefined;
  const prove = () =>
    (proof ??=
      wish.verificationPem === undefined
        ? verifying(ca, connection, work)
        : Promise.resolve(wish.verificationPem));
  if (before === undefined) await prove();
  else changesOf(before, wanted);

  const made: Made[] = [];
  const outcomes: SetupResult['result'][] = [];
  let roleArn = own?.roleArn;
  if (wish.way === 'jitp' && own?.fits !== true) {
    const { roleName, devicePolicy, thingType } = setup;
    const role = await ensureRegistrationRole(roleName, deps, work);
    made.push(...role.made);
    roleArn = role.roleArn;
    const { templateName } = wanted;
    const template = await ensureTemplate(
      connection,
      { templateName, type: 'JITP', roleArn, thingParameter: COMMON_NAME, devicePolicy, thingType },
      work,
    );
    if (template === 'created') made.push({ kind: 'template', templateName });
    outcomes.push(role.outcome, template);
  }
  const outcome = await registered(wanted, { ...ca, prove }, connection, work);
  if (outcome === 'created') made.push({ kind: 'ca', caId: ca.id });
  outcomes.push(outcome);
  return {
    result: mostOf(outcomes),
    roleArn,
    made,
  };
}

type Wanted = CaWish & { templateName: string; named: string | undefined; own: OwnTemplate | undefined };

async function registered(
  wanted: Wanted,
  { prove, ...ca }: Pick<SigningCa, 'id' | 'certificatePem'> & { prove: () => Promise<string> },
  connection: SetupDeps['connection'],
  work: Work,
): Promise<SetupResult['result']> {
  const registrationConfig = wanted.way === 'jitp' ? { templateName: wanted.templateName } : undefined;
  const register = async (): Promise<SetupResult['result']> => {
    const found = await findCa(connection, ca.id, work.signal);
    if (found !== undefined) {
      const changes = changesOf(found, wanted);
      if (changes === undefined) return 'found';
      await updateCa(connection, found.id, changes, work.signal);
      return 'repaired';
    }
    await registerCa(
      connection,
      {
        caPem: ca.certificatePem,
        verificationPem: await prove(),
        autoRegistration: true,
        ...defined({ registrationConfig }),
      },
      work.signal,
    );
    return 'created';
  };
  try {
    return await retry(
      work,
      ROLE_NOT_KNOWN_YET,
      register,
      // Somebody registered it between the look and the call: look again.
      (error) => alreadyExists(error) || roleNotKnownYet(error),
    );
  } catch (error) {
    throw toCmsError(error, l10n.t('registering the CA {id}', { id: ca.id }));
  }
}

async function verifying(
  ca: Partial<SigningCa>,
  connection: SetupDeps['connection'],
  work: Work,
): Promise<string> {
  const code = await registrationCode(connection, work.signal);
  if (ca.sign !== undefined) return verificationCertificate(ca as SigningCa, code, work.clock.now());
  throw new CmsError('REQUEST_INVALID', l10n.t('The key of the CA is not here to prove that you hold it.'), {
    step: 'ca',
    remedy: l10n.t(
      'Have your PKI sign a certificate with the common name {code}, and pass it with --verification.',
      { code },
    ),
  });
}

/**
 * What of a registered CA is to change; undefined if it is as it was asked for. Nothing of it is changed unless that was
 * asked, too.
 * @throws CmsError CA_CONFLICT
 */
function changesOf(found: CloudCa, wanted: Wanted): CaChange | undefined {
  const { way, templateName, own, change } = wanted;
  const problems: Message[] = [];
  const changes: CaChange = {};
  if (found.mode !== 'DEFAULT') throw sniOnly(found);
  if (found.status !== 'ACTIVE') {
    problems.push(l10n.t('it is switched off'));
    changes.status = 'ACTIVE';
  }
  if (!found.autoRegistration) {
    problems.push(l10n.t('its vehicles may not register themselves'));
    changes.autoRegistration = true;
  }
  const template =
    found.templateName ?? (found.templateBody === undefined ? undefined : l10n.t('a template of its own'));
  if (way === 'jitp' && found.templateName !== templateName && own?.fits !== true) {
    problems.push(templateProblem(template, wanted));
    changes.registrationConfig = { templateName };
  }
  if (way === 'jitr' && template !== undefined) throw hasTemplate(found, template);
  if (problems.length === 0) return undefined;
  if (change) return changes;
  throw new CmsError(
    'CA_CONFLICT',
    l10n.t('The CA {id} is registered, but {problems}.', {
      id: found.id,
      problems: l10n.list(problems, 'and'),
    }),
    {
      step: 'ca',
      remedy: l10n.t('To change that, run: {command}', { command: registerCommand(wanted) }),
      details: { caCertificateId: found.id },
    },
  );
}

function templateProblem(template: string | Message | undefined, { templateName, own }: Wanted): Message {
  if (template === undefined) return l10n.t('it has no template');
  if (own === undefined || own.differences.length === 0) {
    return l10n.t('it has {template}, not {wanted}', { template, wanted: templateName });
  }
  return l10n.t('it has {template}, not {wanted} ({differences})', {
    template,
    wanted: templateName,
    differences: l10n.list(own.differences, 'semicolon'),
  });
}

/** The command that registers a CA as it was wanted, and changes what is in the way. */
function registerCommand({ way, named, folder }: Wanted): string {
  const words = ['cms-enablement', 'ca', 'register', '--provisioner', way, '--yes'];
  if (named !== undefined) words.push('--template-name', named);
  if (folder !== undefined)
    words.push('--ca-folder', /^[\w./:=@%+,-]+$/.test(folder) ? folder : `"${folder}"`);
  return words.join(' ');
}

function sniOnly({ id }: CloudCa): CmsError {
  return new CmsError(
    'CA_CONFLICT',
    l10n.t(
      'The CA {id} is registered in mode SNI_ONLY, which was seen not to register vehicles at their first connect.',
      { id },
    ),
    {
      step: 'ca',
      remedy: l10n.t('Remove it ("ca remove"), and register it again with proof that you hold its key.'),
      details: { caCertificateId: id },
    },
  );
}

function hasTemplate({ id }: CloudCa, template: string | Message): CmsError {
  return new CmsError(
    'CA_CONFLICT',
    l10n.t('The CA {id} provisions its vehicles itself, with {template}.', { id, template }),
    {
      step: 'ca',
      remedy: l10n.t(
        'Use the provisioner jitp. To decide about each vehicle instead, register another CA for it.',
      ),
      details: { caCertificateId: id },
    },
  );
}
