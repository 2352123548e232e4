import * as vscode from 'vscode';
import type { Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { Finding } from '../../onboarding/diagnoseDeps.ts';
import type { Work } from '../../core/work.ts';
import type { Log } from '../base/log.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { SavedSignIn } from '../stacks/passwords.ts';
import { say } from '../base/say.ts';
import { forMarkdown } from '../base/shown.ts';

/** Signs every font has, and words. */
const results = (): Record<Finding['status'], string> => ({
  ok: `✓ ${vscode.l10n.t('ok')}`,
  warn: `⚠ ${vscode.l10n.t('warning')}`,
  fail: `✗ **${vscode.l10n.t('problem')}**`,
  skip: `– ${vscode.l10n.t('not looked at')}`,
});

/** A vehicle, and who looks at it. */
type Patient = VehicleOfStack & { signIn: SavedSignIn };

export interface Diagnosis {
  /** Markdown. */
  report: string;
  /** Whether the password was right. */
  signedIn: boolean;
}

/** Runs every check and writes what it found as Markdown: a summary first, then a row a check with its remedy. */
export async function diagnoseToMarkdown(
  { access, log }: { access: VehicleAccess; log: Log },
  vehicle: Patient,
  work: Work,
): Promise<Diagnosis> {
  const { createCloudIdentities, diagnose, requestDefaults } = access.backend();
  const deps = await access.forDiagnosis(vehicle.ref, vehicle.signIn);
  const defaults = requestDefaults();
  const request = {
    vin: vehicle.vin,
    templateName: defaults.templateName,
    // In Restricted Mode it looks only: a message is sent with the key from the workspace.
    publish: vscode.workspace.isTrusted,
    position: { latitude: Number(defaults.latitude), longitude: Number(defaults.longitude) },
  };
  const findings: Finding[] = [];
  for await (const finding of diagnose(
    request,
    { ...deps, cloud: createCloudIdentities(deps.connection) },
    work,
  )) {
    work.progress({ step: finding.id, level: 'info', message: finding.title });
    log.info(`${vehicle.vin} [${finding.id}] ${finding.status}: ${english(finding.message)}`);
    findings.push(finding);
  }
  const signedIn = findings.some(({ id, status }) => id === 'sign-in' && status === 'ok');
  return { report: report(vehicle, findings), signedIn };
}

function report(vehicle: VehicleOfStack, findings: readonly Finding[]): string {
  const bad = findings.filter((f) => f.status === 'fail');
  const warnings = findings.filter((f) => f.status === 'warn');
  const summary =
    bad.length > 0
      ? vscode.l10n.t(
          '**Problems in {0} of {1} checks.** Begin with the first: later ones often follow from it.',
          bad.length,
          findings.length,
        )
      : warnings.length > 0
        ? vscode.l10n.t('**No problem found.** Worth a look: {0}.', warnings.length)
        : vscode.l10n.t('**No problem found.** Every check is fine.');
  const lines = [
    `# ${vscode.l10n.t('Diagnosis of {0}', cell(vehicle.vin))}`,
    '',
    vscode.l10n.t('Stack {0}, {1}', cell(vehicle.ref.stack), new Date().toLocaleString()),
    '',
    summary,
    '',
  ];
  if (!vscode.workspace.isTrusted) {
    lines.push(vscode.l10n.t('In Restricted Mode the certificates in the workspace are not looked at.'), '');
  }
  for (const finding of [...bad, ...warnings]) {
    lines.push(
      `- **${cell(finding.title)}**: ${cell(finding.message)}${finding.remedy === undefined ? '' : ` → ${cell(finding.remedy)}`}`,
    );
  }
  const [check, result, seen] = [
    vscode.l10n.t('Check'),
    vscode.l10n.t('Result'),
    vscode.l10n.t('What was seen'),
  ];
  lines.push('', `| ${check} | ${result} | ${seen} |`, '|---|---|---|');
  const words = results();
  for (const finding of findings)
    lines.push(`| ${cell(finding.title)} | ${words[finding.status]} | ${cell(finding.message)} |`);
  return `${lines.join('\n')}\n`;
}

/** Words inside a Markdown table. */
function cell(text: Message | string): string {
  return forMarkdown(typeof text === 'string' ? text : say(text));
}
