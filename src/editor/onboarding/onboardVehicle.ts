import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import type { OnboardingResult } from '../../onboarding/onboard.ts';
import type { AskedRenewal } from '../../provisioning/contract.ts';
import { fittingButtons } from '../base/buttons.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { say } from '../base/say.ts';
import type { StackRef, VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { agreeToAnother } from '../certificates/agreeToAnother.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import { lookUpRules } from '../stacks/passwordQuestion.ts';
import { askNewPassword, rulesIn } from '../stacks/signIn.ts';
import type { CredentialNeed, Given } from '../../cms/contract/credentials.ts';
import { isGiven, isRefused } from '../../cms/contract/needs.ts';
import { askOnboarding, type OnboardAnswers, type OnboardTarget } from './onboardWizard.ts';
import { sampleAnswers } from './sampleAnswers.ts';
import { PASSWORD } from './signInQuestions.ts';

interface Sources {
  access: VehicleAccess;
  rows: RowChanges;
  /** Keeps answers for the next vehicle. */
  memory: vscode.Memento;
  /** Told of every vehicle that was onboarded, samples included. */
  done: () => void;
}

/** A vehicle that was just onboarded. */
export interface Onboarded {
  ref: StackRef;
  result: OnboardingResult;
}

/** Onboards one vehicle: asks, runs the work, and tells who listens. */
export class Onboarding implements vscode.Disposable {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;
  readonly #onboarded = new vscode.EventEmitter<Onboarded>();
  readonly onDidOnboard = this.#onboarded.event;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
  }

  /** Says itself what goes wrong. */
  onboard(row?: unknown): Promise<void> {
    return this.#tasks.attempt(async () => {
      // Taken before anything is asked, which may move the cursor.
      const vin = (await this.#targets.named(row))?.vin;
      const ref = await this.#targets.stack(row);
      if (ref === undefined) return;
      // Asked before the questions: nobody wants to answer them only to learn that there is no folder.
      await this.#sources.access.certificates.forWriting();
      const target = await onboardTarget(this.#tasks, this.#sources.access, ref);
      if (target === undefined) return;
      const answers = await this.#ask(target, defined({ vin }));
      if (answers !== undefined) await this.#onboardAnswered(target, answers);
    });
  }

  /**
   * Onboards a vehicle with the values that the wizard proposes, and asks nothing. Says itself what goes wrong.
   * @param next gets the vehicle when it is onboarded
   */
  onboardSample(ref: StackRef, next: (vehicle: VehicleOfStack) => Promise<void>): Promise<void> {
    return this.#tasks.attempt(async () => {
      const { access } = this.#sources;
      await access.certificates.forWriting();
      const target = await onboardTarget(this.#tasks, access, ref);
      if (target === undefined) return;
      const answers = await sampleAnswers(access, target);
      await this.#onboardAnswered(target, answers, ({ result: { vin, id } }) => next({ ref, vin, id }));
    });
  }

  #ask(
    target: OnboardTarget,
    before?: Record<string, string>,
    from?: string,
  ): Promise<OnboardAnswers | undefined> {
    const { access, memory } = this.#sources;
    const { backend, sessions, cli } = access;
    return askOnboarding({ backend, sessions, cli, memory }, target, before, from);
  }

  async #onboardAnswered(
    target: OnboardTarget,
    answers: OnboardAnswers,
    done: (onboarded: Onboarded) => void | Promise<void> = (onboarded) => this.#onboarded.fire(onboarded),
  ): Promise<void> {
    const { access, rows } = this.#sources;
    const { ref, fields, need } = target;
    const { requestFromText, onboard } = access.backend();
    const { request, warnings } = fields.parse(requestFromText(fields, answers.fields), Date.now());
    if (isGiven(need) && answers.signIn !== undefined)
      access.sessions.give(ref, need, tried(access.sessions, ref, answers.signIn));
    let failure: unknown;
    let signIn = answers.signIn;
    const again = async (): Promise<void> => {
      // What was typed wrongly is asked again; anything else goes on where it stopped.
      const next = isAboutAnswers(failure, need)
        ? await this.#ask(target, answers.fields, PASSWORD)
        : { ...answers, signIn };
      if (next !== undefined) await this.#onboardAnswered(target, next, done);
    };
    const result = await this.#tasks.run(
      {
        title: say(l10n.t('Onboarding {vin}', { vin: request.vin })),
        retry: () => void this.#tasks.attempt(again),
      },
      async (work) => {
        try {
          const deps = await access.forOnboarding(ref);
          const agree = async (renewal: AskedRenewal): Promise<boolean> =>
            agreeToAnother(renewal, 1, await access.placeWords(ref, work.signal));
          return await onboard(request, { ...deps, agree }, work, warnings);
        } catch (error) {
          failure = error;
          await forgetWrongPassword(access.sessions, ref, need, error);
          throw error;
        }
      },
    );
    if (result !== undefined) await access.sessions.rememberGiven(ref, need);
    // A temporary password may have been replaced meanwhile.
    signIn = access.sessions.takeBack(ref, need) ?? signIn;
    rows.refresh();
    if (result === undefined) return;
    this.#sources.done();
    // What the work warned of is in the log already.
    for (const warning of warnings) this.#tasks.log.warn(`${result.vin} ${english(warning)}`);
    await done({ ref, result });
  }

  dispose(): void {
    this.#onboarded.dispose();
  }
}

/** Who types a temporary password is asked for another one. */
function tried(sessions: Sessions, ref: StackRef, given: Given): Given {
  if ('token' in given) return given;
  return { ...given, newPassword: () => askNewPassword(given.username, rulesIn(sessions, ref)) };
}

/** Says that a vehicle is onboarded, and where to go next. */
export async function showOnboarded(
  { ref, result }: Onboarded,
  next: Record<'simulate' | 'reveal' | 'diagnose', (vehicle: VehicleOfStack) => Promise<void>>,
): Promise<void> {
  const simulate = vscode.l10n.t('Simulate a Drive');
  const reveal = vscode.l10n.t('Reveal Certificates');
  const diagnose = vscode.l10n.t('Diagnose Vehicle');
  const { vin, id, stack, live, warnings } = result;
  const buttons = fittingButtons([simulate], [reveal, diagnose]);
  const picked =
    live === undefined
      ? await showUnproved(vscode.l10n.t('{0} is onboarded onto {1}.', vin, stack), warnings, buttons)
      : await notify.info(
          vscode.l10n.t(
            '{0} is onboarded onto {1} and live as {2}.',
            vin,
            stack,
            `${live.make} ${live.model}`,
          ),
          ...buttons,
        );
  const vehicle = { ref, vin, id };
  if (picked === simulate) await next.simulate(vehicle);
  if (picked === reveal) await next.reveal(vehicle);
  if (picked === diagnose) await next.diagnose(vehicle);
}

/** Nothing shows that it can send: what the run warned of may say why. */
function showUnproved(
  text: string,
  warnings: readonly Message[],
  buttons: readonly string[],
): Thenable<string | undefined> {
  if (warnings.length === 0) return notify.info(text, ...buttons);
  return notify.warn([text, ...warnings.map(say)].join(' '), ...buttons);
}

/** Whether the same answers would fail again. */
export function isAboutAnswers(error: unknown, need: CredentialNeed): boolean {
  if (isGiven(need) && isRefused(need, error)) return true;
  return isCmsError(error) && error.code === 'PASSWORD_TOO_WEAK';
}

/** A password or token that does not work is not kept, so that the next attempt asks for it. */
export async function forgetWrongPassword(
  sessions: Sessions,
  ref: StackRef,
  need: CredentialNeed,
  error: unknown,
): Promise<void> {
  if (isGiven(need) && isRefused(need, error)) await sessions.forget(ref, need);
}

/** What onboarding onto a deployment asks for; undefined, and said, when it cannot be done. */
export async function onboardTarget(
  tasks: Tasks,
  { sessions, backend, connections }: VehicleAccess,
  ref: StackRef,
): Promise<OnboardTarget | undefined> {
  const looked = await tasks.run(
    { title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true },
    async ({ signal }) => {
      const deployment = await sessions.open(ref, signal);
      const can = (await deployment.capabilities(signal)).find(({ id }) => id === 'onboard');
      const connection = await connections.open(ref.connectionId);
      const { accountId } = await connection.identity(signal);
      const label = connections.labelOf(ref.connectionId);
      return {
        place: vscode.l10n.t('{0}, account {1}', label, accountId),
        deployment,
        fields: backend().GENERATIONS.find(({ id }) => id === deployment.generation)?.onboarding,
        can,
        isAws: connection.endpoint === undefined,
      };
    },
  );
  if (looked === undefined) return undefined;
  const { place, deployment, fields, can, isAws } = looked;
  if (fields !== undefined && can !== undefined && can.no === undefined) {
    return {
      ...{ ref, place, fields, need: can.needs, isAws },
      certificates: deployment.certificates?.kind,
      findRules: (username) => lookUpRules((signal) => deployment.passwordRules?.(username, signal)),
    };
  }
  const cannot = vscode.l10n.t('Vehicles cannot be onboarded onto {0} from here.', ref.stack);
  void notify.info(can?.no === undefined ? cannot : `${cannot} ${say(can.no)}`);
  return undefined;
}
