import * as vscode from 'vscode';
import { isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { notify } from '../base/shown.ts';
import type { Remedy, Tasks } from '../base/tasks.ts';
import { ConnectionNode } from './connectionNode.ts';
import type { Connections, SavedConnection } from './connections.ts';
import { networkSettings } from './networkSettings.ts';

/** Of an error that a sign-in helps against. */
type Details = Readonly<Record<string, unknown>>;

interface Sources {
  connections: Connections;
  rows: RowChanges;
  backend: LoadBackend<'signInSso' | 'createConnection' | 'listProfiles'>;
}

/** How often a terminal's sign-in is looked for, and how long. */
const LOOK_MS = 2_000;

/** Signs in to the account behind a profile: single sign-on in the browser, everything else with its own command. */
export class ProfileSignIn {
  readonly #tasks: Tasks;
  readonly #sources: Sources;

  constructor(tasks: Tasks, sources: Sources) {
    this.#tasks = tasks;
    this.#sources = sources;
    tasks.addRemedy(['CREDENTIALS_EXPIRED'], (error) => this.#remedyOf(error.details));
  }

  /** True once the profile is signed in; what went wrong is shown already. */
  async signIn(profile: string): Promise<boolean> {
    const done = await this.#tasks.run(
      {
        title: vscode.l10n.t('Signing in to AWS SSO with profile {0}', profile),
        retry: () => void this.#tasks.attempt(() => this.#signInAgain(profile)),
      },
      async (work) => {
        await this.#sources.backend().signInSso(
          { profile, ...networkSettings() },
          ({ url, code }) => {
            work.progress({
              step: 'sign-in',
              level: 'info',
              message: l10n.t('Confirm the code {code} in the browser', { code }),
            });
            return vscode.env.openExternal(vscode.Uri.parse(url));
          },
          work,
        );
        return true;
      },
    );
    if (done === undefined) return false;
    void notify.info(vscode.l10n.t('Signed in to AWS SSO with profile {0}.', profile));
    this.#sources.rows.refresh();
    return true;
  }

  /** Runs a command that signs in by itself, and waits until it has worked. */
  async #inTerminal(command: string, profile: string): Promise<boolean> {
    // Of another partition, the credentials would not count elsewhere.
    const region =
      this.#sources.connections.list().find((saved) => saved.profile === profile)?.region ??
      (await this.#regionOf(profile));
    const terminal = vscode.window.createTerminal({ name: vscode.l10n.t('AWS sign-in'), isTransient: true });
    terminal.show();
    terminal.sendText(command);
    const { backend } = this.#sources;
    const done = await this.#tasks.run(
      { title: vscode.l10n.t('Waiting for the sign-in in the terminal') },
      async ({ signal, clock, random }) => {
        for (;;) {
          await clock.sleep(LOOK_MS, signal);
          const tried = await backend().createConnection(
            { profile, ...networkSettings(), region },
            { clock, random },
          );
          try {
            await tried.identity(signal);
            return true;
          } catch (error) {
            if (!isCmsError(error) || error.code !== 'CREDENTIALS_EXPIRED') throw error;
          } finally {
            tried.dispose();
          }
        }
      },
    );
    if (done === undefined) return false;
    this.#sources.rows.refresh();
    return true;
  }

  async #signInAgain(profile: string): Promise<void> {
    await this.signIn(profile);
  }

  #remedyOf(details: Details): Remedy | undefined {
    const { profile, command } = details;
    if (typeof profile !== 'string' || typeof command !== 'string') return undefined;
    let signedIn = false;
    return {
      title: vscode.l10n.t('Sign In…'),
      act: async () => {
        signedIn = await this.#signInBy(details);
      },
      // What failed goes on by itself.
      retries: () => signedIn,
    };
  }

  #signInBy({ profile, command, signIn }: Details): Promise<boolean> {
    if (typeof profile !== 'string' || typeof command !== 'string') return Promise.resolve(false);
    if (signIn === 'sso') return this.signIn(profile);
    return this.#inTerminal(command, profile);
  }

  async #regionOf(profile: string): Promise<string> {
    const profiles = await this.#sources.backend().listProfiles();
    return profiles.find(({ name }) => name === profile)?.region ?? ANY_REGION;
  }

  /** Signs in to the account of a row, if that is needed. */
  async ofConnection(saved: SavedConnection): Promise<void> {
    const { connections, rows } = this.#sources;
    const found = await this.#tasks.run(
      { title: vscode.l10n.t('Connecting to {0}', connections.labelOf(saved.id)), quiet: true },
      async ({ signal }) => {
        const connection = await connections.open(saved.id);
        try {
          return { identity: await connection.identity(signal) };
        } catch (error) {
          if (isCmsError(error) && error.details.signIn !== undefined) return { details: error.details };
          throw error;
        }
      },
    );
    if (found === undefined) return;
    if (found.details !== undefined) await this.#signInBy(found.details);
    else {
      const { accountId, arn } = found.identity;
      void notify.info(vscode.l10n.t('Connected to account {0} as {1}.', accountId, nameIn(arn)));
      rows.refresh();
    }
  }
}

/** It only chooses the host that is asked who is calling. */
const ANY_REGION = 'us-east-1';

/** Who is calling, without the path of its ARN. */
export function nameIn(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

export function registerProfileSignIn(tasks: Tasks, signIn: ProfileSignIn): vscode.Disposable {
  return registerCommand(tasks, 'signInConnection', async ({ target }) => {
    if (target instanceof ConnectionNode) await signIn.ofConnection(target.saved);
  });
}
