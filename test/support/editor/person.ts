// Runs inside the extension host. The functions that show questions and notifications are replaced by a simulated user
// whose answers a test provides. Everything except the drawing is real.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../until.ts';

type Severity = 'error' | 'warning' | 'information';

/** A question in the quick input: an input box, or rows to choose from. */
interface Question {
  title: string;
  /** Prompt or placeholder. */
  text: string;
  password: boolean;
  value: string;
  /** The validation message for the value. */
  problem: string | undefined;
  rows: readonly vscode.QuickPickItem[];
  busy: boolean;
  type(value: string): Promise<void>;
  accept(): void;
  choose(rows: readonly vscode.QuickPickItem[]): void;
  press(button: vscode.QuickInputButton): void;
  leave(): void;
}

interface Notice {
  severity: Severity;
  message: string;
  /** More details, in a modal dialog. */
  detail: string;
  modal: boolean;
  buttons: string[];
  answer(button: string | undefined): void;
}

interface Running {
  title: string;
  messages: string[];
  cancel(): void;
}

/** Rows of a view, as the extension provides them to the editor. */
export type Rows<T> = vscode.TreeDataProvider<T>;

const window = vscode.window as unknown as Record<string, unknown>;
const views = new Map<string, Rows<unknown>>();
const { createTreeView } = vscode.window;
// The extension creates its views on activation, which is after the tests were loaded.
window.createTreeView = (id: string, options: vscode.TreeViewOptions<unknown>) => {
  views.set(id, options.treeDataProvider);
  return createTreeView(id, options);
};

const written = new Map<string, string[]>();
const { createOutputChannel } = vscode.window;
window.createOutputChannel = (name: string, options?: never) => {
  const channel = createOutputChannel(name, options);
  // That of a log is of another kind.
  if (typeof options === 'object') return channel;
  const lines: string[] = [];
  written.set(name, lines);
  const append = (text: string): void => {
    lines.push(text);
    channel.append(text);
  };
  return Object.assign(Object.create(channel) as vscode.OutputChannel, { append });
};

/** What the extension has written into an output channel, text by text. */
export function writtenTo(name: string): readonly string[] {
  return written.get(name) ?? [];
}

/** The rows of a view. */
export function rowsOf<T>(id: string): Rows<T> {
  const rows = views.get(id);
  assert.ok(rows !== undefined, `The extension has made no view ${id}.`);
  return rows as Rows<T>;
}

export class Person {
  #question: Question | undefined;
  #notices: Notice[] = [];
  #running: Running[] = [];
  readonly #replaced = new Map<string, unknown>();
  /** The files that open dialogs return, one after the other. */
  readonly opens: vscode.Uri[] = [];
  /** The file that the next save dialog returns. */
  saves: vscode.Uri | undefined;

  /** Replaces the functions of the window. */
  arrive(): void {
    const show =
      (severity: Severity) =>
      (message: string, ...rest: (vscode.MessageOptions | vscode.MessageItem | string)[]): Promise<unknown> =>
        this.#show(severity, message, rest);
    const fakes: Record<string, unknown> = {
      createInputBox: () => this.#box(),
      createQuickPick: () => this.#pick(),
      showInputBox: (options: vscode.InputBoxOptions = {}) => this.#showBox(options),
      showQuickPick: (
        items: readonly vscode.QuickPickItem[] | Thenable<readonly vscode.QuickPickItem[]>,
        options: vscode.QuickPickOptions = {},
      ) => this.#showPick(items, options),
      showErrorMessage: show('error'),
      showWarningMessage: show('warning'),
      showInformationMessage: show('information'),
      showOpenDialog: () => {
        const next = this.opens.shift();
        return Promise.resolve(next && [next]);
      },
      showSaveDialog: () => Promise.resolve(this.saves),
      withProgress: (
        options: vscode.ProgressOptions,
        task: (p: vscode.Progress<{ message?: string }>, token: vscode.CancellationToken) => Promise<unknown>,
      ) => this.#progress(options, task),
    };
    for (const [name, fake] of Object.entries(fakes)) {
      this.#replaced.set(name, window[name]);
      window[name] = fake;
    }
  }

  /** Restores the functions, and cancels everything that is still open. */
  leave(): void {
    for (const [name, original] of this.#replaced) window[name] = original;
    this.#replaced.clear();
    this.#question?.leave();
    for (const notice of this.#notices) notice.answer(undefined);
    for (const running of this.#running) running.cancel();
    this.#notices = [];
  }

  // --- questions

  /** Waits for a question with these words in its title, prompt or placeholder. */
  question(words: string): Promise<Question> {
    return until(
      `the question “${words}”`,
      () => {
        const asked = this.#question;
        const fits = asked !== undefined && `${asked.title}\n${asked.text}`.includes(words) && !asked.busy;
        return fits ? asked : undefined;
      },
      { seen: () => this.#state() },
    );
  }

  /** The question that is open now, even while it is still looking for its rows. */
  get open(): Question | undefined {
    return this.#question;
  }

  /** Whether a question with these words is open. */
  isAsked(words: string): boolean {
    return `${this.#question?.title ?? ''}\n${this.#question?.text ?? ''}`.includes(words);
  }

  /** Types an answer, or keeps the current value, and presses Enter. */
  async answer(words: string, value?: string): Promise<void> {
    const asked = await this.question(words);
    if (value !== undefined) await asked.type(value);
    asked.accept();
  }

  /** Chooses the row whose label contains the text. */
  async pick(words: string, label: string): Promise<void> {
    const asked = await this.question(words);
    asked.choose([await this.row(words, label)]);
  }

  /** A row of the question. */
  async row(words: string, label: string): Promise<vscode.QuickPickItem> {
    const asked = await this.question(words);
    const row = asked.rows.find((each) => each.label.includes(label));
    assert.ok(row, `No ${label} among ${asked.rows.map((each) => each.label).join(' | ')}`);
    return row;
  }

  // --- notifications and dialogs

  /** Waits for a notification or a modal dialog with these words. */
  notice(words: string | RegExp): Promise<Notice> {
    return until(
      `a notification with “${String(words)}”`,
      () =>
        this.#notices.find(({ message }) =>
          typeof words === 'string' ? message.includes(words) : words.test(message),
        ),
      { seen: () => this.#state() },
    );
  }

  async told(words: string | RegExp): Promise<string> {
    return (await this.notice(words)).message;
  }

  /** Whether a notification or dialog with these words is still open. */
  isTold(words: string): boolean {
    return this.#notices.some(({ message }) => message.includes(words));
  }

  /** Presses a button of a notification; without a button, closes it. */
  async press(words: string | RegExp, button?: string): Promise<void> {
    const notice = await this.notice(words);
    if (button !== undefined)
      assert.ok(notice.buttons.includes(button), `${button} is none of ${notice.buttons.join(', ')}`);
    this.#notices = this.#notices.filter((each) => each !== notice);
    notice.answer(button);
  }

  /** All notifications and dialogs that are still open. */
  get notices(): readonly Pick<Notice, 'severity' | 'message' | 'buttons'>[] {
    return this.#notices;
  }

  /** Waits until work reports a step. The result can cancel it. */
  working(step: string): Promise<Running> {
    return until(
      `the step “${step}”`,
      () => this.#running.find(({ title, messages }) => [title, ...messages].some((m) => m.includes(step))),
      { seen: () => this.#state() },
    );
  }

  #state(): unknown {
    const asked = this.#question;
    return {
      question: asked && { title: asked.title, text: asked.text, rows: asked.rows.map(({ label }) => label) },
      notices: this.#notices.map(({ message, detail }) => `${message} ${detail}`.trim()),
      running: this.#running.map(({ title, messages }) => `${title}: ${messages.at(-1) ?? ''}`),
    };
  }

  #show(
    severity: Severity,
    message: string,
    rest: (vscode.MessageOptions | vscode.MessageItem | string)[],
  ): Promise<unknown> {
    const isButton = (each: unknown): each is vscode.MessageItem | string =>
      typeof each === 'string' || (typeof each === 'object' && each !== null && 'title' in each);
    const options = rest.find((each): each is vscode.MessageOptions => !isButton(each));
    const buttons = rest.filter(isButton);
    const titleOf = (each: vscode.MessageItem | string): string =>
      typeof each === 'string' ? each : each.title;
    return new Promise((resolve) =>
      this.#notices.push({
        severity,
        message,
        detail: options?.detail ?? '',
        modal: options?.modal ?? false,
        buttons: buttons.map(titleOf),
        answer: (button) => resolve(buttons.find((each) => titleOf(each) === button)),
      }),
    );
  }

  async #progress(
    { title = '' }: vscode.ProgressOptions,
    task: (p: vscode.Progress<{ message?: string }>, token: vscode.CancellationToken) => Promise<unknown>,
  ): Promise<unknown> {
    const source = new vscode.CancellationTokenSource();
    const running: Running = { title, messages: [], cancel: () => source.cancel() };
    this.#running.push(running);
    try {
      return await task({ report: ({ message = '' }) => running.messages.push(message) }, source.token);
    } finally {
      this.#running = this.#running.filter((each) => each !== running);
    }
  }

  /** The common part of input boxes and quick picks. As in the editor, only one is shown at a time. */
  #input() {
    const hidden = new vscode.EventEmitter<void>();
    const accepted = new vscode.EventEmitter<void>();
    const triggered = new vscode.EventEmitter<vscode.QuickInputButton>();
    const changed = new vscode.EventEmitter<string>();
    let question: Question | undefined;
    const input = {
      title: '', step: 0, totalSteps: 0, ignoreFocusOut: false, enabled: true, busy: false, value: '', placeholder: '',
      buttons: [] as vscode.QuickInputButton[],
      onDidHide: hidden.event,
      onDidAccept: accepted.event,
      onDidTriggerButton: triggered.event,
      onDidChangeValue: changed.event,
      show: () => {
        if (this.#question !== question) this.#question?.leave();
        this.#question = question;
      },
      hide: () => {
        if (this.#question !== question) return;
        this.#question = undefined;
        hidden.fire();
      },
      dispose: () => input.hide(),
    }; // prettier-ignore
    const shared = {
      get title() {
        return input.title;
      },
      get value() {
        return input.value;
      },
      get busy() {
        return input.busy;
      },
      accept: () => accepted.fire(),
      press: (button: vscode.QuickInputButton) => triggered.fire(button),
      leave: () => input.hide(),
      type: (value: string) => {
        input.value = value;
        changed.fire(value);
        return Promise.resolve();
      },
    };
    return {
      input,
      shared,
      is: (asked: Question) => {
        question = asked;
      },
      accepted,
    };
  }

  #box(): unknown {
    const { input, shared, is } = this.#input();
    const box = Object.assign(input, {
      prompt: '',
      password: false,
      validationMessage: undefined as string | vscode.InputBoxValidationMessage | undefined,
    });
    is(
      extended(shared, {
        get text() {
          return `${box.prompt}\n${box.placeholder}`;
        },
        get password() {
          return box.password;
        },
        get problem() {
          const validation = box.validationMessage;
          return typeof validation === 'object' ? validation.message : validation;
        },
        rows: [],
        choose: () => assert.fail('There is nothing to choose from.'),
      }),
    );
    return box;
  }

  #pick(): unknown {
    const { input, shared, is, accepted } = this.#input();
    const pick = Object.assign(input, {
      items: [] as vscode.QuickPickItem[],
      activeItems: [] as vscode.QuickPickItem[],
      selectedItems: [] as readonly vscode.QuickPickItem[],
      canSelectMany: false,
      onDidChangeActive: new vscode.EventEmitter<unknown>().event,
      onDidChangeSelection: new vscode.EventEmitter<unknown>().event,
    });
    const choose = (rows: readonly vscode.QuickPickItem[]): void => {
      pick.selectedItems = rows;
      accepted.fire();
    };
    is(
      extended(shared, {
        get text() {
          return pick.placeholder;
        },
        password: false,
        problem: undefined,
        get rows() {
          return pick.items;
        },
        choose,
        accept: () => {
          const [first] = pick.activeItems.length > 0 ? pick.activeItems : pick.items;
          if (pick.canSelectMany || first === undefined) accepted.fire();
          else choose([first]);
        },
      }),
    );
    return pick;
  }

  #showBox(options: vscode.InputBoxOptions): Promise<string | undefined> {
    return new Promise((resolve) => {
      let problem: string | undefined;
      const check = async (): Promise<void> => {
        const validation = await options.validateInput?.(asked.value);
        problem = (typeof validation === 'object' ? validation?.message : validation) ?? undefined;
      };
      const end = (value: string | undefined): void => {
        if (this.#question === asked) this.#question = undefined;
        resolve(value);
      };
      const asked: Question = {
        title: options.title ?? '',
        text: `${options.prompt ?? ''}\n${options.placeHolder ?? ''}`,
        password: options.password ?? false,
        value: options.value ?? '',
        get problem() {
          return problem;
        },
        rows: [],
        busy: false,
        type: async (value) => {
          asked.value = value;
          await check();
        },
        accept: () => void check().then(() => (problem === undefined ? end(asked.value) : undefined)),
        choose: () => assert.fail('There is nothing to choose from.'),
        press: () => undefined,
        leave: () => end(undefined),
      };
      this.#question?.leave();
      this.#question = asked;
    });
  }

  async #showPick(
    items: readonly vscode.QuickPickItem[] | Thenable<readonly vscode.QuickPickItem[]>,
    options: vscode.QuickPickOptions,
  ): Promise<unknown> {
    const choices = (await items) as readonly (vscode.QuickPickItem | string)[];
    const rows = choices.map((each) => (typeof each === 'string' ? { label: each } : each));
    return new Promise((resolve) => {
      const end = (chosen: readonly vscode.QuickPickItem[] | undefined): void => {
        if (this.#question === asked) this.#question = undefined;
        const values = chosen?.map((row) => choices[rows.indexOf(row)]);
        resolve(options.canPickMany === true ? values : values?.[0]);
      };
      const asked: Question = {
        title: options.title ?? '',
        text: options.placeHolder ?? '',
        password: false,
        value: '',
        problem: undefined,
        rows,
        busy: false,
        type: () => Promise.resolve(),
        accept: () =>
          end(rows.filter((row) => (options.canPickMany === true ? row.picked : true)).slice(0, 1)),
        choose: end,
        press: () => undefined,
        leave: () => end(undefined),
      };
      this.#question?.leave();
      this.#question = asked;
    });
  }
}

/** Merges both objects; getters stay getters. */
function extended<A extends object, B extends object>(base: A, more: B): A & B {
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(base),
      ...Object.getOwnPropertyDescriptors(more),
    },
  ) as A & B;
}
