import * as vscode from 'vscode';
import { inMarkdown, oneLine, visible } from '../../core/foreignText.ts';
import { redact } from '../../core/secrets.ts';

/**
 * Text for the window. Whatever VS Code is given to show goes through here: it may hold what an endpoint, a file or a
 * vehicle said, and each kind of place reads something else into a text.
 */

/** Lines for a log or an output channel. A line of somebody else's cannot pass for one of ours. */
export function forLog(text: string): string {
  return visible(redact(text)).replaceAll('\n', '\n    ');
}

/** A label, description or title: one line, in which `$(name)` is no icon. */
export function forLabel(text: string): string {
  return withoutIcons(oneLine(redact(text)));
}

/** A row of a tree has no icons in its text, but may have several lines in its tooltip. */
export function forTooltip(text: string): string {
  return visible(redact(text));
}

/** One line inside Markdown, without any meaning there. */
export function forMarkdown(text: string): string {
  return inMarkdown(redact(text));
}

/** A notification turns `[text](command:…)` into a link that runs the command. */
export function forNotification(text: string): string {
  return withoutIcons(visible(redact(text)).replaceAll(/\](?=\()/g, '] '));
}

/** A row of a tree as the editor gets it. What it stands for is in its id and its arguments, not in its words. */
export function forTree(item: vscode.TreeItem): vscode.TreeItem {
  const { label, description, tooltip, accessibilityInformation: spoken } = item;
  if (typeof label === 'string') item.label = forLabel(label);
  if (typeof description === 'string') item.description = forLabel(description);
  if (typeof tooltip === 'string') item.tooltip = forTooltip(tooltip);
  else if (tooltip !== undefined) tooltip.value = forTooltip(tooltip.value);
  if (spoken !== undefined) item.accessibilityInformation = { ...spoken, label: forTooltip(spoken.label) };
  return item;
}

/** A line of a list to pick from. An icon of its own stands at the very beginning of its label. */
export function forPick<T extends vscode.QuickPickItem>(item: T): T {
  const [icon = ''] = /^\$\([a-z0-9~-]+\) /.exec(item.label) ?? [];
  const { description, detail } = item;
  return {
    ...item,
    label: icon + forLabel(item.label.slice(icon.length)),
    ...(description === undefined ? {} : { description: forLabel(description) }),
    ...(detail === undefined ? {} : { detail: forLabel(detail) }),
  };
}

/** A list to pick one from; what is given back is the item that was given. */
export async function pickOne<T extends vscode.QuickPickItem | string>(
  items: readonly T[] | Thenable<readonly T[]>,
  options: vscode.QuickPickOptions,
): Promise<T | undefined> {
  const shown = async () =>
    (await items).map((of) => ({ ...forPick(typeof of === 'string' ? { label: forLabel(of) } : of), of }));
  const { title, placeHolder } = options;
  const picked = await vscode.window.showQuickPick(shown(), {
    ...options,
    ...(title === undefined ? {} : { title: forLabel(title) }),
    ...(placeHolder === undefined ? {} : { placeHolder: forLabel(placeHolder) }),
  });
  return picked?.of;
}

function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (');
}

/** Notifications and dialogs. The only way to them. */
export const notify = {
  info: shows((text, ...given) => vscode.window.showInformationMessage(text, ...given)),
  warn: shows((text, ...given) => vscode.window.showWarningMessage(text, ...given)),
  error: shows((text, ...given) => vscode.window.showErrorMessage(text, ...given)),
  /** For some seconds in the status bar, with an icon before it. */
  status(icon: string, text: string, ms: number): void {
    vscode.window.setStatusBarMessage(`$(${icon}) ${forLabel(text)}`, ms);
  },
};

type Given<T extends string> = [optionsOrItem?: vscode.MessageOptions | T, ...items: T[]];

function shows(show: (text: string, ...given: never[]) => Thenable<string | undefined>) {
  return async <T extends string>(text: string, ...given: Given<T>): Promise<T | undefined> => {
    const [options] = given;
    const shown =
      typeof options === 'object' && options.detail !== undefined
        ? [{ ...options, detail: visible(redact(options.detail)) }, ...given.slice(1)]
        : given;
    return (await show(forNotification(text), ...(shown as never[]))) as T | undefined;
  };
}
