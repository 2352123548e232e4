import * as vscode from 'vscode';
import { sayError } from '../base/say.ts';
import { forLabel, forPick } from '../base/shown.ts';
import type { StackRef } from '../base/stackRef.ts';
import { endedByUser } from '../base/tasks.ts';

/** The ready stacks of one connection, while they are being read. */
export interface StacksOfConnection {
  /** The connection, for people. */
  label: string;
  stacks: Promise<readonly StackRef[]>;
}

/** What came of a question: a stack, a connection that failed and is to be mended, or nothing to choose from. */
export type StackChoice = { ref: StackRef } | { failure: unknown } | 'none' | 'left';

interface Item extends vscode.QuickPickItem {
  choice?: StackChoice;
}

/**
 * Asks which stack. What is ready can be picked while other connections are still being read; those that cannot be read
 * stand last, with the reason, and block nothing. The only stack there is counts as picked, unless a connection could
 * not be read: it may have others.
 * @param asking what one of the connections asks meanwhile, such as a one-time code, which hides this question
 */
export function pickStack(
  connections: readonly StacksOfConnection[],
  asking: () => Promise<unknown> | undefined,
): Promise<StackChoice> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick<Item>();
    pick.placeholder = vscode.l10n.t('Stack');
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.busy = true;
    const ready: Item[][] = connections.map(() => []);
    const failed: Item[] = [];
    let choice: StackChoice = 'left';
    let isOpen = true;
    const end = (with_: StackChoice): void => {
      choice = with_;
      // Hidden by another question, it would not tell that it is hidden.
      pick.show();
      pick.hide();
    };
    const show = (): void => {
      const [active] = pick.activeItems;
      const rows = ready.flat();
      const line = { label: vscode.l10n.t('Cannot be read'), kind: vscode.QuickPickItemKind.Separator };
      pick.items = failed.length === 0 ? rows : [...rows, line, ...failed];
      // A list that grows does not take the choice from under somebody's finger.
      const same = pick.items.find((item) => item.choice !== undefined && item.choice === active?.choice);
      if (same !== undefined) pick.activeItems = [same];
    };
    const read = connections.map(async ({ label, stacks }, i) => {
      try {
        ready[i] = (await stacks).map((ref) =>
          forPick({ label: ref.stack, description: label, choice: { ref } }),
        );
      } catch (error) {
        if (!endedByUser(error)) failed.push(failedItem(label, error));
      }
      if (isOpen) show();
    });
    pick.onDidAccept(() => {
      const [picked] = pick.selectedItems;
      if (picked?.choice !== undefined) end(picked.choice);
    });
    pick.onDidHide(() => {
      const question = choice === 'left' ? asking() : undefined;
      if (question !== undefined) {
        const back = (): void => pick.show();
        void question.then(back, back);
        return;
      }
      isOpen = false;
      pick.dispose();
      resolve(choice);
    });
    pick.show();
    void Promise.all(read).then(() => {
      if (!isOpen) return;
      pick.busy = false;
      const stacks = ready.flat();
      if (stacks.length === 1 && failed.length === 0 && stacks[0]?.choice !== undefined)
        end(stacks[0].choice);
      else if (stacks.length === 0 && failed.length === 1 && failed[0]?.choice !== undefined)
        end(failed[0].choice);
      else if (stacks.length + failed.length === 0) end('none');
    });
  });
}

function failedItem(label: string, error: unknown): Item {
  return {
    label: `$(warning) ${forLabel(label)}`,
    detail: forLabel(sayError(error)),
    choice: { failure: error },
  };
}
