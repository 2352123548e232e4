import * as vscode from 'vscode';
import { forLabel, forPick } from './shown.ts';

interface Typing {
  /** What is said of what was typed. */
  typedLabel?: (typed: string) => string;
  /** How what is typed is spelled. */
  typedAs?: (text: string) => string;
  /** Why it cannot be used, in words; undefined when it can. */
  problem?: (typed: string) => string | undefined;
}

interface Item extends vscode.QuickPickItem {
  /** Stands for what was typed. */
  typed?: string;
  /** Says why what was typed cannot be used: it cannot be picked. */
  isProblem?: true;
}

/** What a list of vehicles is read up to; any other can be typed. */
const MOST_LISTED = 10_000;

type Page = readonly vscode.QuickPickItem[];

/**
 * A quick pick of what there is, read bit by bit while it is open already; what is not in it can be typed.
 * Resolves undefined when the person leaves. Rejects when the reading fails, after the pick is closed.
 */
export function pickOrType(
  words: { title: string; placeholder: string },
  read: (signal: AbortSignal) => AsyncIterable<Page> | Iterable<Page>,
  { typedAs = (text) => text, problem = () => undefined, typedLabel = asTyped }: Typing = {},
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const abort = new AbortController();
    const pick = vscode.window.createQuickPick<Item>();
    // A page that loads, such as the picture of a walkthrough, takes the focus, and must not take the question along.
    pick.ignoreFocusOut = true;
    let answer: string | undefined;
    const known: (vscode.QuickPickItem & { typed: string })[] = [];
    pick.title = forLabel(words.title);
    pick.placeholder = words.placeholder;
    pick.matchOnDescription = true;
    pick.busy = true;
    const show = (): void => {
      const typed = typedAs(pick.value.trim());
      const listed = typed === '' || known.some((item) => item.typed === typed);
      // What begins with the text comes before what says it later on: the vehicles that are there stand first.
      const { activeItems } = pick;
      pick.items = listed ? [...known] : [...known, typedItem(typed, problem(typed), typedLabel)];
      // A list that grows does not take the choice from under somebody's finger.
      const chosen = activeItems.filter((item) => known.includes(item as (typeof known)[number]));
      if (chosen.length > 0) pick.activeItems = chosen;
    };
    pick.onDidChangeValue(show);
    pick.onDidAccept(() => {
      const [picked] = pick.selectedItems;
      if (picked?.isProblem === true) return;
      answer = picked?.typed ?? picked?.label;
      if (answer !== undefined) pick.hide();
    });
    pick.onDidHide(() => {
      abort.abort();
      pick.dispose();
      resolve(answer);
    });
    pick.show();
    const readAll = async (): Promise<void> => {
      let pages = 0;
      for await (const items of read(abort.signal)) {
        if (abort.signal.aborted || known.length >= MOST_LISTED) break;
        pages += 1;
        known.push(
          ...items.map((item) => ({
            ...forPick({ ...item, label: forLabel(item.label) }),
            typed: item.label,
          })),
        );
        // All rows go to the window each time: the first page at once, then ever more of them together.
        if (Number.isInteger(Math.log2(pages))) show();
      }
      if (abort.signal.aborted) return;
      pick.busy = false;
      show();
    };
    readAll().catch((error: unknown) => {
      if (abort.signal.aborted) return;
      // Before the hiding, which would count as leaving.
      reject(error instanceof Error ? error : new Error(String(error)));
      pick.hide();
    });
  });
}

function asTyped(typed: string): string {
  return vscode.l10n.t('Use {0} as typed', typed);
}

function typedItem(typed: string, problem: string | undefined, label: (typed: string) => string): Item {
  return problem === undefined
    ? { label: forLabel(label(typed)), typed, alwaysShow: true }
    : { label: `$(error) ${forLabel(problem)}`, isProblem: true, alwaysShow: true };
}
