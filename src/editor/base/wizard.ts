import * as vscode from 'vscode';

/** What a step was answered with besides a value. */
const BACK: unique symbol = Symbol('back');

export interface TextStep {
  kind: 'text';
  /** Where its answer is kept. */
  key: string;
  /** A function when it depends on earlier answers. */
  prompt: string | (() => string);
  placeholder?: string;
  password?: boolean;
  value: () => string;
  /** A sentence, or undefined when it is fine. A warning does not block. */
  validate?: (value: string) => string | { warning: string } | undefined;
  /** A button in the title bar that fills the box; so does Enter while the box is empty. */
  button?: { icon: string; tooltip: string; fill: () => string };
}

export interface PickItem extends vscode.QuickPickItem {
  value: string;
}

export interface PickStep {
  kind: 'pick';
  key: string;
  prompt: string;
  value: () => string | undefined;
  items: () => PickItem[] | Promise<PickItem[]>;
  /** Told what was picked; false asks the same again. */
  onPicked?: (value: string) => Promise<boolean>;
}

/** Any number of a list; the answer has a value a line. */
export interface ManyStep {
  kind: 'many';
  key: string;
  prompt: string;
  value: () => readonly string[];
  items: () => PickItem[] | Promise<PickItem[]>;
  /** Said when nothing is chosen. */
  none: string;
}

export type Step = (TextStep | PickStep | ManyStep) & {
  /** Left out when it does not apply to the answers so far. */
  skip?: () => boolean;
};

/**
 * Quick inputs one after the other, with Back, validation while typing and the answers so far as defaults.
 * Resolves false when the person leaves; the answers given until then are in `answers`.
 */
export async function runSteps(
  title: string,
  steps: Step[],
  answers: Record<string, string>,
): Promise<boolean> {
  const past: number[] = [];
  let index = nextOf(steps, -1);
  while (index < steps.length) {
    const step = steps[index];
    if (step === undefined) return true;
    const frame = {
      title,
      step: past.length + 1,
      total: remaining(steps, index) + past.length,
      back: past.length > 0,
    };
    const answer = await ask(frame, step);
    if (answer === undefined) return false;
    if (answer === BACK) {
      index = past.pop() ?? index;
      continue;
    }
    if (step.kind === 'pick' && (await step.onPicked?.(answer)) === false) continue;
    answers[step.key] = answer;
    past.push(index);
    index = nextOf(steps, index);
  }
  return true;
}

function nextOf(steps: Step[], from: number): number {
  for (let i = from + 1; i < steps.length; i++) if (steps[i]?.skip?.() !== true) return i;
  return steps.length;
}

function remaining(steps: Step[], from: number): number {
  return steps.slice(from).filter((step) => step.skip?.() !== true).length;
}

interface Frame {
  title: string;
  step: number;
  total: number;
  back: boolean;
}

function ask(frame: Frame, step: Step): Promise<string | typeof BACK | undefined> {
  switch (step.kind) {
    case 'text':
      return askText(frame, step);
    case 'pick':
      return askPick(frame, step);
    case 'many':
      return askMany(frame, step);
  }
}

function askText(frame: Frame, step: TextStep): Promise<string | typeof BACK | undefined> {
  const box = vscode.window.createInputBox();
  const fill =
    step.button === undefined
      ? undefined
      : { iconPath: new vscode.ThemeIcon(step.button.icon), tooltip: step.button.tooltip };
  dress(box, frame, fill === undefined ? [] : [fill]);
  box.prompt = typeof step.prompt === 'string' ? step.prompt : step.prompt();
  box.password = step.password ?? false;
  box.value = step.value();
  if (step.placeholder !== undefined) box.placeholder = step.placeholder;
  const check = (): boolean => {
    // Enter fills an empty box that has a button.
    const fills = step.button !== undefined && box.value.trim() === '';
    const found = fills ? undefined : step.validate?.(box.value);
    if (found === undefined) box.validationMessage = undefined;
    else if (typeof found === 'string') box.validationMessage = found;
    else
      box.validationMessage = { message: found.warning, severity: vscode.InputBoxValidationSeverity.Warning };
    return typeof found !== 'string';
  };
  const fillIn = (): void => {
    if (step.button === undefined) return;
    box.value = step.button.fill();
    check();
  };
  return shown(box, (finish) => [
    // Nothing is wrong with a box nobody has typed in yet: it is checked from the first key on.
    box.onDidChangeValue(() => check()),
    box.onDidAccept(() => {
      if (box.value.trim() === '' && step.button !== undefined) fillIn();
      else if (check()) finish(box.value);
    }),
    box.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
      else fillIn();
    }),
  ]);
}

async function askPick(frame: Frame, step: PickStep): Promise<string | typeof BACK | undefined> {
  const pick = vscode.window.createQuickPick<PickItem>();
  dress(pick, frame, []);
  pick.placeholder = step.prompt;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  const answer = shown<string | typeof BACK>(pick, (finish) => [
    pick.onDidAccept(() => {
      const chosen = pick.selectedItems[0];
      if (chosen !== undefined) finish(chosen.value);
    }),
    pick.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
    }),
  ]);
  try {
    pick.items = await step.items();
    const current = pick.items.find((item) => item.value === step.value());
    if (current !== undefined) pick.activeItems = [current];
  } catch (error) {
    pick.hide();
    await answer;
    throw error;
  }
  pick.busy = false;
  return answer;
}

async function askMany(frame: Frame, step: ManyStep): Promise<string | typeof BACK | undefined> {
  const pick = vscode.window.createQuickPick<PickItem>();
  dress(pick, frame, []);
  pick.placeholder = step.prompt;
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.busy = true;
  const answer = shown<string | typeof BACK>(pick, (finish) => [
    pick.onDidAccept(() => {
      const chosen = pick.selectedItems.map(({ value }) => value);
      if (chosen.length > 0) finish(chosen.join('\n'));
      else pick.placeholder = step.none;
    }),
    pick.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
    }),
  ]);
  try {
    pick.items = await step.items();
    const before = new Set(step.value());
    pick.selectedItems = pick.items.filter(({ value }) => before.has(value));
  } catch (error) {
    pick.hide();
    await answer;
    throw error;
  }
  pick.busy = false;
  return answer;
}

function dress(
  input: vscode.InputBox | vscode.QuickPick<PickItem>,
  frame: Frame,
  buttons: vscode.QuickInputButton[],
): void {
  input.title = frame.title;
  input.step = frame.step;
  input.totalSteps = frame.total;
  input.ignoreFocusOut = true;
  input.buttons = [...(frame.back ? [vscode.QuickInputButtons.Back] : []), ...buttons];
}

/** Shows the input until one of its listeners finishes it or the person hides it. */
function shown<T>(
  input: vscode.QuickInput,
  listen: (finish: (answer: T) => void) => vscode.Disposable[],
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let answer: T | undefined;
    const listeners = listen((value) => {
      answer = value;
      input.hide();
    });
    listeners.push(
      input.onDidHide(() => {
        for (const listener of listeners) listener.dispose();
        input.dispose();
        resolve(answer);
      }),
    );
    input.show();
  });
}
