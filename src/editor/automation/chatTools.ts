import * as vscode from 'vscode';
import type { ToolHost } from '../../automation/host.ts';
import type { Tool } from '../../automation/tool.ts';
import { systemClock, type Work } from '../../core/work.ts';
import { english } from '../../core/wording.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Log } from '../base/log.ts';
import { say } from '../base/say.ts';
import { forLabel, forMarkdown } from '../base/shown.ts';

type LoadTools = LoadBackend<'callTool' | 'problemText' | 'TOOLS'>;

/** In package.json, where all tools of all extensions stand in one list. */
const PREFIX = 'cmsEnablement_';

/** The tools of `src/automation/`, for the chat of the editor. */
export function registerChatTools(
  extension: vscode.Extension<unknown>,
  backend: LoadTools,
  host: ToolHost,
  log: Log,
): vscode.Disposable {
  const { contributes } = extension.packageJSON as {
    contributes: { languageModelTools: { name: string }[] };
  };
  const names = contributes.languageModelTools.map(({ name }) => name);
  return vscode.Disposable.from(
    ...names.map((name) => vscode.lm.registerTool<unknown>(name, new ChatTool(name, backend, host, log))),
  );
}

class ChatTool implements vscode.LanguageModelTool<unknown> {
  readonly #name: string;
  readonly #backend: LoadTools;
  readonly #host: ToolHost;
  readonly #log: Log;

  constructor(name: string, backend: LoadTools, host: ToolHost, log: Log) {
    this.#name = name;
    this.#backend = backend;
    this.#host = host;
    this.#log = log;
  }

  /** What changes something is confirmed in the chat first. A tool that removes asks by itself, with all that would go. */
  async prepareInvocation(
    { input }: vscode.LanguageModelToolInvocationPrepareOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.PreparedToolInvocation> {
    const tool = this.#tool;
    if (tool.effect !== 'changes') return {};
    try {
      const { title, lines } = await tool.question(input, this.#host, this.#work(token));
      const message = new vscode.MarkdownString(lines.map((line) => forMarkdown(say(line))).join('  \n'));
      return { confirmationMessages: { title: forLabel(say(title)), message } };
    } catch (error) {
      // Thrown, so that nothing is done that nobody could be asked about.
      throw new Error(this.#backend().problemText(error), { cause: error });
    }
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const { text } = await this.#backend().callTool(this.#tool, input, this.#host, this.#work(token));
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
  }

  get #tool(): Tool {
    const tool = this.#backend().TOOLS.find(({ name }) => `${PREFIX}${name}` === this.#name);
    if (tool === undefined) throw new Error(`There is no tool ${this.#name}`);
    return tool;
  }

  #work(token: vscode.CancellationToken): Work {
    const abort = new AbortController();
    if (token.isCancellationRequested) abort.abort();
    token.onCancellationRequested(() => abort.abort());
    return {
      signal: abort.signal,
      progress: ({ step, level, message }) => this.#log[level](`${this.#name} [${step}] ${english(message)}`),
      clock: systemClock,
      random: Math.random,
    };
  }
}
