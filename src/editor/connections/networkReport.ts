import path from 'node:path';
import * as vscode from 'vscode';
import type { ConnectionOptions } from '../../aws/connection.ts';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import { systemClock, type Work } from '../../core/work.ts';
import { english } from '../../core/wording.ts';
import type { Finding } from '../../cms/contract/checks.ts';
import { cell, findingsToMarkdown } from '../base/findings.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { forLabel, pickOne } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { askAll } from '../base/wizard.ts';
import { ConnectionNode } from './connectionNode.ts';
import { connectionIn, regionQuestions } from './connectionQuestions.ts';
import type { Connections } from './connections.ts';
import { networkSettings } from './networkSettings.ts';

interface Sources {
  connections: Connections;
  backend: LoadBackend<'createConnection' | 'diagnoseNetwork' | 'planNetwork'>;
  /** Where reports are kept. */
  storage: vscode.Uri;
}

/** Looks at what lies between this machine and AWS, and opens what was found as a page. */
export function registerNetworkReport(
  tasks: Tasks,
  { connections, backend, storage }: Sources,
): vscode.Disposable {
  async function look(options: ConnectionOptions, work: Work): Promise<Finding[]> {
    const { createConnection, diagnoseNetwork, planNetwork } = backend();
    const plan = await planNetwork(options);
    const connection = await createConnection(options, { clock: systemClock, random: Math.random });
    const findings: Finding[] = [];
    try {
      for await (const finding of diagnoseNetwork(plan, connection, work)) {
        work.progress({ step: finding.id, level: 'info', message: finding.title });
        tasks.log.info(`network [${finding.id}] ${finding.status}: ${english(finding.message)}`);
        findings.push(finding);
      }
    } finally {
      connection.dispose();
    }
    return findings;
  }

  return registerCommand(tasks, 'diagnoseNetwork', async ({ target }) => {
    const chosen = target instanceof ConnectionNode ? target.saved.id : await pickConnection(connections);
    if (chosen === undefined) return;
    const { label, options } = chosen === 'none' ? await askRegion() : named(connections, chosen);
    if (options === undefined) return;
    const findings = await tasks.run({ title: vscode.l10n.t('Diagnosing the network') }, (work) =>
      look(options, work),
    );
    if (findings === undefined) return;
    const { summary, lines } = findingsToMarkdown(findings);
    const head = [
      `# ${vscode.l10n.t('Diagnosis of the network')}`,
      '',
      `${cell(label)}, ${new Date().toLocaleString()}`,
      '',
      summary,
      '',
    ];
    const file = vscode.Uri.joinPath(storage, 'diagnosis', vscode.l10n.t('Diagnosis of the network.md'));
    await makeFolder(storage.fsPath, path.dirname(file.fsPath));
    await writeFileSafely(file.fsPath, `${[...head, ...lines].join('\n')}\n`);
    await vscode.commands.executeCommand('markdown.showPreview', file);
  });
}

interface Chosen {
  label: string;
  options: ConnectionOptions | undefined;
}

function named(connections: Connections, id: string): Chosen {
  return { label: connections.labelOf(id), options: connections.optionsOf(id) };
}

/** The only one there is, or the one that is picked; `none` when there is none yet. */
async function pickConnection(connections: Connections): Promise<string | undefined> {
  const items = connections.usable.map((id) => ({ label: forLabel(connections.labelOf(id)), id }));
  if (items.length < 2) return items[0]?.id ?? 'none';
  const placeHolder = vscode.l10n.t('Connection whose hosts are looked at');
  return (await pickOne(items, { placeHolder }))?.id;
}

/** Hosts have the region in their names. */
async function askRegion(): Promise<Chosen> {
  const answers: Record<string, string> = { region: 'us-east-1' };
  const done = await askAll(vscode.l10n.t('Diagnose Network'), regionQuestions(answers), answers);
  if (!done) return { label: '', options: undefined };
  const { region } = connectionIn(answers);
  return { label: region, options: { region, ...networkSettings() } };
}
