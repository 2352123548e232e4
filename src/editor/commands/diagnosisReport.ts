import type { Finding } from '../../onboarding/diagnoseDeps.ts';
import type { Work } from '../../core/work.ts';
import type { App } from '../app.ts';
import type { VehicleTarget } from './targets.ts';
import { onboardDeps } from './workDeps.ts';

const WORDS = { ok: '✅ ok', warn: '⚠️ warning', fail: '❌ problem', skip: '➖ not looked at' };

/** Runs every check and writes what it found as Markdown: a summary first, then a row a check with its remedy. */
export async function diagnoseToMarkdown(app: App, vehicle: VehicleTarget, work: Work): Promise<string> {
  const { createCloudIdentities, diagnose, requestDefaults } = app.work();
  const signIn = await app.signInFor(vehicle.ref);
  const deps = await onboardDeps(app, vehicle.ref, signIn);
  const defaults = requestDefaults();
  const request = {
    vin: vehicle.vin,
    templateName: defaults.templateName ?? '',
    claimPolicyName: 'fleetProvisioningPolicy',
    publish: true,
    position: { latitude: Number(defaults.latitude), longitude: Number(defaults.longitude) },
  };
  const findings: Finding[] = [];
  for await (const finding of diagnose(
    request,
    { ...deps, cloud: createCloudIdentities(deps.connection) },
    work,
  )) {
    work.progress({ step: finding.id, level: 'info', message: finding.title });
    app.log.info(`${vehicle.vin} [${finding.id}] ${finding.status}: ${finding.message}`);
    findings.push(finding);
  }
  return report(vehicle, findings);
}

function report(vehicle: VehicleTarget, findings: readonly Finding[]): string {
  const bad = findings.filter((f) => f.status === 'fail');
  const warnings = findings.filter((f) => f.status === 'warn');
  const summary =
    bad.length > 0
      ? `**${bad.length} of ${findings.length} checks found a problem.** Begin with the first: later ones often follow from it.`
      : warnings.length > 0
        ? `**Data of this vehicle arrives.** ${warnings.length} things are worth a look.`
        : '**Data of this vehicle arrives.** Every check is fine.';
  const lines = [
    `# Diagnosis of ${vehicle.vin}`,
    '',
    `Stack ${cell(vehicle.ref.stack)}, ${new Date().toLocaleString()}`,
    '',
    summary,
    '',
  ];
  for (const finding of [...bad, ...warnings]) {
    lines.push(
      `- **${cell(finding.title)}**: ${cell(finding.message)}${finding.remedy === undefined ? '' : ` → ${cell(finding.remedy)}`}`,
    );
  }
  lines.push('', '| Check | Result | What was seen |', '|---|---|---|');
  for (const finding of findings)
    lines.push(`| ${cell(finding.title)} | ${WORDS[finding.status]} | ${cell(finding.message)} |`);
  return `${lines.join('\n')}\n`;
}

/** Text of others inside a Markdown table. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replaceAll('\n', ' ');
}
