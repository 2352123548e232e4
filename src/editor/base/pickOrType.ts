import * as vscode from 'vscode';

/**
 * A quick pick of what there is, read while it is open already; what is not in it can be typed.
 * Resolves undefined when the person leaves. Rejects when the reading fails, after the pick is closed.
 * @param typedAs how what is typed is spelled
 */
export function pickOrType(
  words: { title: string; placeholder: string },
  read: (signal: AbortSignal) => Promise<vscode.QuickPickItem[]>,
  typedAs: (text: string) => string = (text) => text,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const abort = new AbortController();
    const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { typed?: string }>();
    let answer: string | undefined;
    let known: vscode.QuickPickItem[] = [];
    pick.title = words.title;
    pick.placeholder = words.placeholder;
    pick.matchOnDescription = true;
    pick.busy = true;
    const show = (): void => {
      const typed = typedAs(pick.value.trim());
      const listed = typed === '' || known.some((item) => item.label === typed);
      pick.items = listed
        ? known
        : // What begins with the text comes before what says it later on: the vehicles that are there stand first.
          [...known, { label: vscode.l10n.t('Use {0} as typed', typed), typed, alwaysShow: true }];
    };
    pick.onDidChangeValue(show);
    pick.onDidAccept(() => {
      const [picked] = pick.selectedItems;
      answer = picked?.typed ?? picked?.label;
      if (answer !== undefined) pick.hide();
    });
    pick.onDidHide(() => {
      abort.abort();
      pick.dispose();
      resolve(answer);
    });
    pick.show();
    read(abort.signal).then(
      (items) => {
        if (abort.signal.aborted) return;
        known = items;
        pick.busy = false;
        show();
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        // Before the hiding, which would count as leaving.
        reject(error instanceof Error ? error : new Error(String(error)));
        pick.hide();
      },
    );
  });
}
