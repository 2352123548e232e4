import { updateCa, type CloudCa } from '../aws/iot/caCertificates.ts';
import { type Check, ok, skip, type CheckTools } from '../cms/contract/checks.ts';
import type { OwnCaSetup } from '../cms/contract/provisioner.ts';
import { isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { lookAtRole } from '../provisioning/role.ts';
import { check } from './diagnoseDeps.ts';
import { type Finding, warnOf } from './findings.ts';

/** A successor needs so long to reach the factory. */
const SOON_MS = 60 * 24 * 3_600_000;

/** Whether the CAs of one's own let vehicles in. None of it keeps vehicles out that are in already. */
export function ownCaChecks(setup: OwnCaSetup | undefined): readonly Check[] {
  if (setup === undefined) return [];
  return [
    check({
      id: 'own-cas',
      title: l10n.t('Your own CAs'),
      stage: 'deployment',
      needs: [],
      async run({ tools }, work) {
        let cas: CloudCa[];
        try {
          cas = await tools.cloud.cas(work.signal);
        } catch (error) {
          // Who has none needs no permission to look for one.
          if (!isCmsError(error) || error.code !== 'ACCESS_DENIED') throw error;
          return skip(error.sentence);
        }
        if (cas.length === 0) return ok(l10n.t('None is registered, which only jitp and jitr need.'));
        const problems: Finding[] = [];
        for (const ca of cas) problems.push(...(await problemsOf(ca, setup, tools, work)));
        if (problems.length === 0) {
          return ok(
            l10n.plural(
              cas.length,
              l10n.t('1 is registered; it lets its vehicles in.'),
              l10n.t('{count} are registered; they let their vehicles in.', { count: cas.length }),
            ),
          );
        }
        return warnOf(problems);
      },
    }),
  ];
}

async function problemsOf(
  ca: CloudCa,
  setup: OwnCaSetup,
  tools: CheckTools,
  work: Pick<Work, 'clock' | 'signal'>,
): Promise<Finding[]> {
  const { connection } = tools;
  const problems: Finding[] = [];
  const id = `${ca.id.slice(0, 12)}…`;
  const left = ca.notAfter === undefined ? Infinity : ca.notAfter.getTime() - work.clock.now();
  const date = ca.notAfter?.toISOString().slice(0, 10) ?? '';
  const successor = l10n.t(
    'Create its successor in another folder and register it: both are valid side by side.',
  );
  if (left < 0) {
    problems.push({
      what: l10n.t('CA {id} expired on {date}: nothing can be signed with it anymore.', { id, date }),
      remedy: successor,
    });
  } else if (left < SOON_MS) {
    problems.push({ what: l10n.t('CA {id} expires on {date}.', { id, date }), remedy: successor });
  }
  if (ca.status !== 'ACTIVE') {
    problems.push({
      what: l10n.t('CA {id} is switched off: no new vehicle of it is let in.', { id }),
      remedy: l10n.t('Switch it on with "ca on", or remove it with "ca remove".'),
      fix: {
        title: l10n.t('Switch CA {id} on', { id }),
        run: ({ signal }) => updateCa(connection, ca.id, { status: 'ACTIVE' }, signal),
      },
    });
  }
  if (ca.mode !== 'DEFAULT') {
    problems.push({
      what: l10n.t(
        'CA {id} is registered in mode SNI_ONLY, which was seen not to register vehicles at their first connect.',
        { id },
      ),
      remedy: l10n.t('Remove it ("ca remove"), and register it again with proof that you hold its key.'),
    });
  }
  if (!ca.autoRegistration) {
    problems.push({
      what: l10n.t('The vehicles of CA {id} may not register themselves.', { id }),
      remedy: l10n.t('Register it again with "ca register --yes".'),
    });
  }
  const broken = await templateProblem(ca, setup, tools, work.signal);
  if (broken !== undefined) problems.push(broken);
  return problems;
}

/** What keeps the template of a CA from letting vehicles in; undefined without one. */
async function templateProblem(
  { id: caId, templateName: name, templateBody, roleArn: ownRole }: CloudCa,
  { devicePolicy, roleName }: OwnCaSetup,
  { cloud, connection }: CheckTools,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const id = `${caId.slice(0, 12)}…`;
  if (name === undefined && templateBody === undefined) return undefined;
  const template = name === undefined ? undefined : await cloud.template(name, signal);
  const again = l10n.t('Register it again with "ca register --yes".');
  if (name !== undefined && template === undefined) {
    return { what: l10n.t('The template {name} of CA {id} is gone.', { name, id }), remedy: again };
  }
  if (template?.enabled === false) {
    const command = `aws iot update-provisioning-template --template-name ${name ?? ''} --enabled`;
    return {
      what: l10n.t('The template {name} of CA {id} is disabled.', { name: name ?? '', id }),
      remedy: l10n.t('Enable it: {command}', { command }),
    };
  }
  const body = template?.body ?? templateBody ?? '';
  if (!body.includes(`"${devicePolicy}"`)) {
    return {
      what: l10n.t('The template of CA {id} does not attach policy {policy}: its vehicles may not publish.', {
        id,
        policy: devicePolicy,
      }),
      remedy: again,
    };
  }
  const roleArn = template?.roleArn ?? ownRole;
  // Of another role nothing is known here, and looking at it may not be allowed.
  if (roleArn?.endsWith(`/${roleName}`) !== true) return undefined;
  const role = await lookAtRole(await connection.iam(), roleName, signal);
  if (role === 'ok') return undefined;
  return {
    what:
      role === 'missing'
        ? l10n.t('The role {roleName} of the template of CA {id} is gone.', { roleName, id })
        : l10n.t('AWS IoT may not assume {roleName}, the role of the template of CA {id}.', { roleName, id }),
    remedy: again,
  };
}
