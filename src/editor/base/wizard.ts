import * as vscode from 'vscode';
import { forLabel, forNotification, forPick } from './shown.ts';

/** What a question was answered with besides a value. */
const BACK: unique symbol = Symbol('back');

export interface TextQuestion {
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
  /** What is kept of what was typed, where that is something else. */
  keep?: (typed: string) => string;
  /** A button in the title bar that fills the box; so does Enter while the box is empty. */
  button?: { icon: string; tooltip: string; fill: () => string };
}

export interface PickItem extends vscode.QuickPickItem {
  value: string;
}

export interface PickQuestion {
  kind: 'pick';
  key: string;
  prompt: string;
  value: () => string | undefined;
  items: () => PickItem[] | Promise<PickItem[]>;
  /** Told what was picked; false asks the same again. */
  onPicked?: (value: string) => Promise<boolean>;
}

/** Any number of a list; the answer has a value a line. */
export interface ManyQuestion {
  kind: 'many';
  key: string;
  prompt: string;
  value: () => readonly string[];
  items: () => PickItem[] | Promise<PickItem[]>;
  /** Said when nothing is chosen. */
  none: string;
}

export type Question = (TextQuestion | PickQuestion | ManyQuestion) & {
  /** Left out when it does not apply to the answers so far. */
  skip?: () => boolean;
  /** Finds out what the question needs to know, each time before it is asked. */
  prepare?: () => Promise<void>;
};

/**
 * Quick inputs one after the other, with Back, validation while typing and the answers so far as defaults.
 * Resolves false when the person leaves; the answers given until then are in `answers`.
 * @param from the key of the question to begin at, if those before it are answered; Back leads to them
 */
export async function askAll(
  title: string,
  questions: Question[],
  answers: Record<string, string>,
  from?: string,
): Promise<boolean> {
  const past: number[] = [];
  let index = nextOf(questions, -1);
  if (questions.some(({ key }) => key === from)) {
    for (;;) {
      const key = questions[index]?.key;
      if (key === undefined || key === from || answers[key] === undefined) break;
      past.push(index);
      index = nextOf(questions, index);
    }
  }
  while (index < questions.length) {
    const question = questions[index];
    if (question === undefined) return true;
    const frame = {
      title,
      step: past.length + 1,
      total: remaining(questions, index) + past.length,
      back: past.length > 0,
    };
    await question.prepare?.();
    const answer = await ask(frame, question);
    if (answer === undefined) return false;
    if (answer === BACK) {
      index = past.pop() ?? index;
      continue;
    }
    if (question.kind === 'pick' && (await question.onPicked?.(answer)) === false) continue;
    answers[question.key] = question.kind === 'text' ? (question.keep?.(answer) ?? answer) : answer;
    past.push(index);
    index = nextOf(questions, index);
  }
  return true;
}

/** The answer to a question that was asked. */
export function answerOf(answers: Readonly<Record<string, string>>, key: string): string {
  const answer = answers[key];
  if (answer === undefined) throw new Error(`The question "${key}" was not answered.`);
  return answer;
}

function nextOf(questions: Question[], from: number): number {
  for (let i = from + 1; i < questions.length; i++) if (questions[i]?.skip?.() !== true) return i;
  return questions.length;
}

function remaining(questions: Question[], from: number): number {
  return questions.slice(from).filter((question) => question.skip?.() !== true).length;
}

interface Frame {
  title: string;
  step: number;
  total: number;
  back: boolean;
}

function ask(frame: Frame, question: Question): Promise<string | typeof BACK | undefined> {
  switch (question.kind) {
    case 'text':
      return askText(frame, question);
    case 'pick':
      return askPick(frame, question);
    case 'many':
      return askMany(frame, question);
  }
}

function askText(frame: Frame, question: TextQuestion): Promise<string | typeof BACK | undefined> {
  const box = vscode.window.createInputBox();
  const fill =
    question.button === undefined
      ? undefined
      : { iconPath: new vscode.ThemeIcon(question.button.icon), tooltip: question.button.tooltip };
  dress(box, frame, fill === undefined ? [] : [fill]);
  box.prompt = forNotification(typeof question.prompt === 'string' ? question.prompt : question.prompt());
  box.password = question.password ?? false;
  box.value = question.value();
  if (question.placeholder !== undefined) box.placeholder = question.placeholder;
  const check = (): boolean => {
    // Enter fills an empty box that has a button.
    const fills = question.button !== undefined && box.value.trim() === '';
    const found = fills ? undefined : question.validate?.(box.value);
    if (found === undefined) box.validationMessage = undefined;
    else if (typeof found === 'string') box.validationMessage = forNotification(found);
    else
      box.validationMessage = {
        message: forNotification(found.warning),
        severity: vscode.InputBoxValidationSeverity.Warning,
      };
    return typeof found !== 'string';
  };
  const fillIn = (): void => {
    if (question.button === undefined) return;
    box.value = question.button.fill();
    check();
  };
  return shown(box, (finish) => [
    // Nothing is wrong with a box nobody has typed in yet: it is checked from the first key on.
    box.onDidChangeValue(() => check()),
    box.onDidAccept(() => {
      if (box.value.trim() === '' && question.button !== undefined) fillIn();
      else if (check()) finish(box.value);
    }),
    box.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
      else fillIn();
    }),
  ]);
}

function askPick(frame: Frame, question: PickQuestion): Promise<string | typeof BACK | undefined> {
  return askItems(frame, question, {
    prepare: (pick) => (pick.matchOnDetail = true),
    preselect(pick) {
      const current = pick.items.find((item) => item.value === question.value());
      if (current !== undefined) pick.activeItems = [current];
    },
    answered: (pick) => pick.selectedItems[0]?.value,
  });
}

function askMany(frame: Frame, question: ManyQuestion): Promise<string | typeof BACK | undefined> {
  return askItems(frame, question, {
    prepare: (pick) => (pick.canSelectMany = true),
    preselect(pick) {
      const before = new Set(question.value());
      pick.selectedItems = pick.items.filter(({ value }) => before.has(value));
    },
    answered(pick) {
      if (pick.selectedItems.length > 0) return pick.selectedItems.map(({ value }) => value).join('\n');
      pick.placeholder = question.none;
      return undefined;
    },
  });
}

/** What tells a list of which one is picked from a list of which several are. */
interface Picking {
  prepare(pick: vscode.QuickPick<PickItem>): void;
  /** Marks what was answered before. */
  preselect(pick: vscode.QuickPick<PickItem>): void;
  /** Undefined while the list stays open. */
  answered(pick: vscode.QuickPick<PickItem>): string | undefined;
}

async function askItems(
  frame: Frame,
  question: Pick<PickQuestion | ManyQuestion, 'prompt' | 'items'>,
  picking: Picking,
): Promise<string | typeof BACK | undefined> {
  const pick = vscode.window.createQuickPick<PickItem>();
  dress(pick, frame, []);
  pick.placeholder = forLabel(question.prompt);
  pick.matchOnDescription = true;
  picking.prepare(pick);
  pick.busy = true;
  const answer = shown<string | typeof BACK>(pick, (finish) => [
    pick.onDidAccept(() => {
      const chosen = picking.answered(pick);
      if (chosen !== undefined) finish(chosen);
    }),
    pick.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) finish(BACK);
    }),
  ]);
  try {
    pick.items = (await question.items()).map(forPick);
    picking.preselect(pick);
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
  input.title = forLabel(frame.title);
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
