import * as vscode from 'vscode';
import type { Tasks } from '../base/tasks.ts';
import { pickOne } from '../base/shown.ts';
import { vinAtCursor, type VinTarget } from '../base/vinTarget.ts';
import { vinsIn, type VinInText } from '../base/vinsInText.ts';

/** What can be done with a VIN wherever it stands, by command. */
const ACTIONS = [
  'onboardVehicle',
  'provisionCertificates',
  'findVehicle',
  'diagnoseVehicle',
  'simulateDrive',
] as const;
type Action = (typeof ACTIONS)[number];

/** What each command does. */
export type VinActions = Record<Action, (target: VinTarget) => Promise<void>>;

const CONTEXT = 'cmsEnablement.vinAtCursor';

/**
 * A VIN is a thing one can act on wherever text is: the context menu of a text editor (`package.json`, by a context
 * key), a hover, and links in terminals.
 */
export function registerVins(tasks: Tasks, actions: VinActions): vscode.Disposable {
  return vscode.Disposable.from(
    keepContext(),
    vscode.languages.registerHoverProvider('*', { provideHover: hover }),
    vscode.window.registerTerminalLinkProvider(linksOf(tasks, actions)),
  );
}

/** Whether the menu of an editor has anything about a VIN. */
function keepContext(): vscode.Disposable {
  let shown: boolean | undefined;
  const keep = (editor: vscode.TextEditor | undefined): void => {
    const now = editor !== undefined && vinAtCursor(editor) !== undefined;
    if (now === shown) return;
    shown = now;
    void vscode.commands.executeCommand('setContext', CONTEXT, now);
  };
  keep(vscode.window.activeTextEditor);
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(keep),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === vscode.window.activeTextEditor) keep(textEditor);
    }),
  );
}

function titleOf(action: Action): string {
  switch (action) {
    case 'onboardVehicle':
      return vscode.l10n.t('Onboard Vehicle…');
    case 'provisionCertificates':
      return vscode.l10n.t('Provision Certificates');
    case 'findVehicle':
      return vscode.l10n.t('Find in Tree');
    case 'diagnoseVehicle':
      return vscode.l10n.t('Diagnose Vehicle');
    case 'simulateDrive':
      return vscode.l10n.t('Simulate a Drive…');
  }
}

function hover(
  document: vscode.TextDocument,
  { line, character }: vscode.Position,
): vscode.Hover | undefined {
  const found = vinsIn(document.lineAt(line).text).find(
    ({ start, end }) => start <= character && character < end,
  );
  if (found === undefined) return undefined;
  const { vin, start, end } = found;
  const links = ACTIONS.map((action) => {
    const target = encodeURIComponent(JSON.stringify([{ vin } satisfies VinTarget]));
    return `[${titleOf(action)}](command:cmsEnablement.${action}?${target})`;
  });
  const text = new vscode.MarkdownString(`**VIN ${vin}**\n\n${links.join(' · ')}`);
  text.isTrusted = { enabledCommands: ACTIONS.map((action) => `cmsEnablement.${action}`) };
  return new vscode.Hover(text, new vscode.Range(line, start, line, end));
}

class VinLink extends vscode.TerminalLink {
  readonly vin: string;

  constructor({ vin, start, end }: VinInText) {
    super(start, end - start, vscode.l10n.t('Act on this vehicle'));
    this.vin = vin;
  }
}

function linksOf(tasks: Tasks, actions: VinActions): vscode.TerminalLinkProvider<VinLink> {
  return {
    provideTerminalLinks: ({ line }) => vinsIn(line).map((found) => new VinLink(found)),
    handleTerminalLink: ({ vin }) => tasks.attempt(() => choose(vin, actions)),
  };
}

async function choose(vin: string, actions: VinActions): Promise<void> {
  const picked = await pickOne(
    ACTIONS.map((action) => ({ label: titleOf(action), action })),
    { title: vscode.l10n.t('Vehicle {0}', vin), placeHolder: vscode.l10n.t('What to do with it') },
  );
  if (picked !== undefined) await actions[picked.action]({ vin });
}
