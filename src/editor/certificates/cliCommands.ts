import * as vscode from 'vscode';
import { commandLine, flag, type Shell } from '../base/commandLine.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Question } from '../base/wizard.ts';
import type { Connections } from '../connections/connections.ts';
import { sandboxEnvironment, shellLines } from '../sandbox/environment.ts';
import { SANDBOX_ID, type SandboxController } from '../sandbox/sandboxController.ts';
import type { CertificateFolders } from './certificateFolders.ts';

/** What a command has to be told of this window. */
type Told = 'connection' | 'stack' | 'certificates';
const EVERYTHING: readonly Told[] = ['connection', 'stack', 'certificates'];

/** In place of an answer. */
const COPY = 'copy command';

interface Sources {
  connections: Pick<Connections, 'list'>;
  sandbox: Pick<SandboxController, 'connectionReady' | 'readyFile'>;
  certificates: Pick<CertificateFolders, 'peek'>;
}

/** Says on a command line what is about to be done in the window. It never holds a secret: the command asks for it. */
export class CliCommands {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** The title of what copies one. */
  get title(): string {
    return vscode.l10n.t('Copy as CLI Command');
  }

  /**
   * Copies it for the shell of the editor's terminal.
   * @param ref undefined for a command that asks nobody
   * @param words the command and what is special about it; what it is told of this window is added
   */
  async copy(
    ref: StackRef | undefined,
    words: readonly string[],
    told: readonly Told[] = EVERYTHING,
  ): Promise<void> {
    const shell = /(pwsh|powershell|cmd)(\.exe)?$/i.test(vscode.env.shell) ? 'powershell' : 'posix';
    await vscode.env.clipboard.writeText(this.textOf(ref, words, shell, told));
    vscode.window.setStatusBarMessage(
      vscode.l10n.t('$(check) Command copied: paste it into a terminal'),
      4000,
    );
  }

  /** For the sandbox with the lines that lead there. @throws CmsError ENDPOINT_UNREACHABLE when that does not run */
  textOf(
    ref: StackRef | undefined,
    words: readonly string[],
    shell: Shell,
    told: readonly Told[] = EVERYTHING,
  ): string {
    const { sandbox } = this.#sources;
    const line = commandLine(['cms-enablement', ...this.complete(ref, words, told)], shell);
    if (ref?.connectionId !== SANDBOX_ID) return line;
    return `${shellLines(sandboxEnvironment(sandbox.connectionReady(), sandbox.readyFile), shell)}${line}`;
  }

  /** With the connection, the deployment and the certificates of this window. */
  complete(
    ref: StackRef | undefined,
    words: readonly string[],
    told: readonly Told[] = EVERYTHING,
  ): string[] {
    const { connections, certificates } = this.#sources;
    const saved = connections.list().find(({ id }) => id === ref?.connectionId);
    const port = vscode.workspace.getConfiguration('cmsEnablement.mqtt').get<number>('port', 0);
    const connection =
      saved === undefined
        ? []
        : [
            ...flag('profile', saved.profile ?? ''),
            ...flag('region', saved.region),
            ...flag('mqttPort', port === 0 ? '' : String(port)),
          ];
    const stack = ref === undefined || !told.includes('stack') ? '' : ref.stack;
    const folder = told.includes('certificates') ? (certificates.peek()?.folder ?? '') : '';
    return [...words, ...connection, ...flag('stack', stack), ...flag('certs', folder)];
  }

  /** A list to pick from, such as a review, with one more line, which copies the command and leaves the list open. */
  within(
    question: Question,
    ref: StackRef | undefined,
    words: () => string[],
    told: readonly Told[] = EVERYTHING,
  ): Question {
    if (question.kind !== 'pick') return question;
    const line = { label: `$(terminal) ${this.title}`, value: COPY, alwaysShow: true };
    return {
      ...question,
      items: async () => [...(await question.items()), line],
      onPicked: async (picked) => {
        if (picked !== COPY) return (await question.onPicked?.(picked)) ?? true;
        await this.copy(ref, words(), told);
        return false;
      },
    };
  }

  /** Shows a dialog with one more button; who presses it sees the dialog again. */
  async offered<T extends string>(
    ref: StackRef,
    words: readonly string[],
    show: (copy: string) => Promise<T | undefined>,
    told: readonly Told[] = EVERYTHING,
  ): Promise<T | undefined> {
    for (;;) {
      const picked = await show(this.title);
      if (picked !== this.title) return picked;
      await this.copy(ref, words, told);
    }
  }
}
