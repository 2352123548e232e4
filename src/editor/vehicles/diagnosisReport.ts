import * as vscode from 'vscode';
import { english } from '../../core/wording.ts';
import type { Finding, Fix } from '../../cms/contract/checks.ts';
import type { Work } from '../../core/work.ts';
import type { Log } from '../base/log.ts';
import type { VehicleOfStack } from '../base/stackRef.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import { cell, findingsToMarkdown } from '../base/findings.ts';

export interface Diagnosis {
  /** Markdown. */
  report: string;
  /** Whether the password was right. */
  signedIn: boolean;
  /** What can be done from here about what was found. */
  fixes: Fix[];
}

/** Runs every check and writes what it found as Markdown: a summary first, then a row a check with its remedy. */
export async function diagnoseToMarkdown(
  { access, log }: { access: VehicleAccess; log: Log },
  vehicle: VehicleOfStack,
  work: Work,
): Promise<Diagnosis> {
  const { createCloudIdentities, diagnose, SOMEWHERE } = access.backend();
  const deps = await access.forDiagnosis(vehicle.ref);
  const request = {
    vin: vehicle.id ?? vehicle.vin,
    // In Restricted Mode it looks only: a message is sent with the key from the workspace.
    publish: vscode.workspace.isTrusted,
    position: SOMEWHERE,
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
  const signedIn = findings.some((finding) => finding.signedIn === true);
  // In Restricted Mode nothing is changed because of files of the workspace.
  const fixes = vscode.workspace.isTrusted ? findings.flatMap(({ fix }) => fix ?? []) : [];
  return { report: report(vehicle, findings), signedIn, fixes };
}

function report(vehicle: VehicleOfStack, findings: readonly Finding[]): string {
  const { summary, lines: found } = findingsToMarkdown(findings);
  const lines = [
    `# ${vscode.l10n.t('Diagnosis of {0}', cell(vehicle.vin))}`,
    '',
    vscode.l10n.t('Stack {0}, {1}', cell(vehicle.ref.stack), new Date().toLocaleString()),
    '',
    summary,
    '',
  ];
  if (!vscode.workspace.isTrusted) {
    lines.push(vscode.l10n.t('In Restricted Mode the certificates in the workspace are not read.'), '');
  }
  return `${[...lines, ...found].join('\n')}\n`;
}
