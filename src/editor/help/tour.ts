import * as vscode from 'vscode';

/** The steps of the walkthrough in package.json, by their ids. */
export type TourStep = 'sandbox' | 'onboard' | 'certificates' | 'drive' | 'account';

const MEMORY_KEY = 'tourDone';

/**
 * Which steps of the walkthrough were done, in whichever window, so that they are ticked when it is opened.
 *
 * VS Code ticks a step when its context key becomes true, but never one whose key was true before the walkthrough was
 * first shown in the window (`GettingStartedService` takes that event for used up). So the keys stay unset until then.
 */
export class Tour implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #tabs: vscode.Disposable;
  #shown = false;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    // The walkthrough is an editor of VS Code's own, which extensions see as a tab without an input. It may also be
    // opened from the Welcome page.
    this.#tabs = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      if ([...opened, ...changed].some(isOfVsCode)) this.show();
    });
    if (vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isOfVsCode))) this.show();
  }

  done(step: TourStep): void {
    const before = this.#done();
    if (!before.includes(step)) void this.#memory.update(MEMORY_KEY, [...before, step]);
    if (this.#shown) tick(step);
  }

  /** The walkthrough is on the screen. */
  show(): void {
    this.#shown = true;
    for (const step of this.#done()) tick(step);
  }

  dispose(): void {
    this.#tabs.dispose();
  }

  #done(): readonly string[] {
    return this.#memory.get<readonly string[]>(MEMORY_KEY, []);
  }
}

function isOfVsCode({ input, isActive }: vscode.Tab): boolean {
  return input === undefined && isActive;
}

function tick(step: string): void {
  void vscode.commands.executeCommand('setContext', `cmsEnablement.tour.${step}`, true);
}
