import * as vscode from 'vscode';
import type { Message } from '../../core/message.ts';
import type { Finding } from '../../cms/contract/checks.ts';
import { say } from './say.ts';
import { forMarkdown } from './shown.ts';

/** Signs every font has, and words. */
const results = (): Record<Finding['status'], string> => ({
  ok: `✓ ${vscode.l10n.t('ok')}`,
  warn: `⚠ ${vscode.l10n.t('warning')}`,
  fail: `✗ **${vscode.l10n.t('problem')}**`,
  skip: `– ${vscode.l10n.t('not checked')}`,
});

/** What checks found, as Markdown: a summary, then what is wrong with its remedy, then a row a check. */
export function findingsToMarkdown(findings: readonly Finding[]): { summary: string; lines: string[] } {
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
        ? vscode.l10n.t('**No problems found.** Warnings: {0}.', warnings.length)
        : vscode.l10n.t('**No problems found.** All checks passed.');
  const lines: string[] = [];
  for (const finding of [...bad, ...warnings]) {
    lines.push(
      `- **${cell(finding.title)}**: ${cell(finding.message)}${finding.remedy === undefined ? '' : ` → ${cell(finding.remedy)}`}`,
    );
  }
  const [check, result, seen] = [vscode.l10n.t('Check'), vscode.l10n.t('Result'), vscode.l10n.t('Details')];
  lines.push('', `| ${check} | ${result} | ${seen} |`, '|---|---|---|');
  const words = results();
  for (const finding of findings)
    lines.push(`| ${cell(finding.title)} | ${words[finding.status]} | ${cell(finding.message)} |`);
  return { summary, lines };
}

/** Words inside a Markdown table. */
export function cell(text: Message | string): string {
  return forMarkdown(typeof text === 'string' ? text : say(text));
}
