import * as vscode from 'vscode';
import type { CredentialNeed, Given, GivenNeed } from '../../cms/contract/credentials.ts';
import type { Field, OnboardingFields } from '../../cms/contract/fields.ts';
import { isGiven } from '../../cms/contract/needs.ts';
import type { FieldProblem } from '../../cms/contract/problems.ts';
import type { Provisioner } from '../../cms/contract/provisioner.ts';
import { defined } from '../../core/defined.ts';
import type { Message } from '../../core/message.ts';
import type { FormField } from '../../onboarding/requestText.ts';
import { say } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import { answerOf, askAll, type PickItem, type Question } from '../base/wizard.ts';
import type { CliCommands } from '../certificates/cliCommands.ts';
import { roleBoundary } from '../certificates/roleBoundary.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { FindRules } from '../stacks/passwordQuestion.ts';
import { answeredBefore, answeredOnce, keepAnswers } from './answeredBefore.ts';
import { onboardWords } from './onboardCommand.ts';
import { givenOf, PASSWORD, SIGN_IN_NAME, signInQuestions } from './signInQuestions.ts';

const REVIEW = 'review';
/** Answers that are no fields. */
const NO_FIELDS: ReadonlySet<string> = new Set([SIGN_IN_NAME, PASSWORD, REVIEW]);

type LoadQuestions = LoadBackend<'formFields' | 'problemLine' | 'requestDefaults' | 'requestProblems'>;

/** What the questions are made of. */
export interface OnboardSources {
  backend: LoadQuestions;
  sessions: Pick<Sessions, 'has' | 'saved'>;
  cli: Pick<CliCommands, 'within'>;
  /** Keeps answers for the next vehicle. */
  memory: vscode.Memento;
}

/** Where to, what is asked for there, and who may do it. */
export interface OnboardTarget {
  /** The connection and its account, for people: no two accounts look alike. */
  place: string;
  ref: StackRef;
  fields: OnboardingFields;
  need: CredentialNeed;
  findRules: FindRules;
  /** How vehicles get their certificates there. */
  certificates: Provisioner['kind'] | undefined;
  /** Nothing else than AWS answers there. */
  isAws: boolean;
}

export interface OnboardAnswers {
  /** Fields of the request, as text; empty ones are left out. */
  fields: Record<string, string>;
  /**
   * Who signs in, or the token, if that is needed. The e-mail address counts when the user has to be made, and only if
   * it is the owner who signs in.
   */
  signIn: Given | undefined;
}

/**
 * Asks for a vehicle and what else its generation wants to know, shows all of it, and gives it back when the person
 * agrees.
 * @param before answers given already, to be shown again
 * @param from the key of the question to begin at
 */
export async function askOnboarding(
  { backend, sessions, cli, memory }: OnboardSources,
  target: OnboardTarget,
  before: Record<string, string> = {},
  from?: string,
): Promise<OnboardAnswers | undefined> {
  const { ref, place, fields, need, findRules } = target;
  const once = answeredOnce(memory, ref, fields);
  const answers: Record<string, string> = { ...answeredBefore(memory, fields), ...once, ...before };
  const isAsked = ({ name, question }: Field): boolean =>
    question !== undefined && !(question.once === true && name in once);
  const saved = need.kind === 'password' ? await sessions.saved(ref, need) : undefined;
  const isKnown = need.kind === 'password' ? saved !== undefined : await sessions.has(ref, need);
  const asked = isGiven(need) && !isKnown ? need : undefined;
  const title = vscode.l10n.t('Onboard Vehicle onto {0} ({1})', ref.stack, place);
  const words = () =>
    onboardWords(requestFields(answers), backend().requestDefaults(fields), {
      ...defined({ owner: answers[fields.signIn?.field ?? ''] }),
      ...defined({ signsIn: saved?.username ?? answers[SIGN_IN_NAME] }),
      ...roleBoundary(),
    });
  const last = cli.within(review(backend, { of: fields, isAsked }, title, answers), ref, words);
  const asks = questions(backend, { of: fields, isAsked }, answers, asked && { need: asked, findRules });
  if (!(await askAll(title, [...asks, last], answers, from))) return undefined;
  const request = requestFields(answers);
  await keepAnswers(memory, ref, fields, request);
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== ''));
  return { fields: given, signIn: givenOf(need, fields, answers, saved) };
}

/** What a generation asks for, and what of it is a question now; everything else with a title is in the review. */
interface Form {
  of: OnboardingFields;
  isAsked: (field: Field) => boolean;
}

function questions(
  backend: LoadQuestions,
  { of, isAsked }: Form,
  answers: Record<string, string>,
  signIn: { need: GivenNeed; findRules: FindRules } | undefined,
): Question[] {
  const asked = backend().formFields(of).filter(isAsked);
  const signInGroup = of.fields.find(({ name }) => name === of.signIn?.field)?.group;
  const last = asked.findLast(({ group }) => group === signInGroup) ?? asked.at(-1);
  return asked.flatMap((field) => {
    const question = choiceQuestion(field, answers) ?? textQuestion(field, answers);
    return field === last && signIn !== undefined
      ? [question, ...signInQuestions(of, signIn.need, answers, signIn.findRules)]
      : [question];
  });
}

/** Undefined for a field that takes any text. */
function choiceQuestion(field: FormField, answers: Record<string, string>): Question | undefined {
  const choices = choicesOf(field);
  if (choices === undefined || field.question === undefined) return undefined;
  const { prompt, suggestion = '' } = field.question;
  return {
    ...{ kind: 'pick', key: field.name, prompt: say(prompt) },
    value: () => answers[field.name] ?? suggestion,
    items: () => [...choices],
  };
}

function textQuestion(
  { name, question, problem, required }: FormField,
  answers: Record<string, string>,
): Question {
  const { suggestion = '', placeholder, judge, makeUp } = question ?? {};
  const validate: Extract<Question, { kind: 'text' }>['validate'] = (text) => {
    const value = text.trim();
    const { problem: wrong, warning } = judge?.(value) ?? {};
    if (wrong !== undefined) return say(wrong);
    if (required && value === '') return vscode.l10n.t('This cannot be empty');
    return valueProblem(problem?.(value)) ?? (warning && { warning: say(warning) });
  };
  return {
    kind: 'text',
    key: name,
    prompt: question === undefined ? name : say(question.prompt),
    value: () => answers[name] ?? suggestion,
    validate,
    ...defined({
      placeholder,
      button: makeUp && {
        icon: 'wand',
        tooltip: say(makeUp.title),
        fill: () => makeUp.value(Math.random),
      },
    }),
  };
}

function choicesOf({ choices, enum: values }: FormField): readonly PickItem[] | undefined {
  if (choices !== undefined) return choices.map(({ value, label }) => ({ value, label: say(label) }));
  return values?.map((value) => ({ value: String(value), label: String(value) }));
}

/** Everything that will be sent, with defaults shown; any line can be changed before the start. */
function review(
  backend: LoadQuestions,
  { of, isAsked }: Form,
  title: string,
  answers: Record<string, string>,
): Question {
  const defaults = { ...backend().requestDefaults(of), ...settingsOf(of.fields) };
  const fields = backend()
    .formFields(of)
    .filter((field) => field.title !== undefined && !isAsked(field));
  for (const { name } of fields) answers[name] ??= defaults[name] ?? '';
  const problems = (): FieldProblem[] => backend().requestProblems(of, requestFields(answers), Date.now());
  const wordsOf = (field: FormField): string => {
    const value = answers[field.name] ?? '';
    const choice = choicesOf(field)?.find((each) => each.value === value);
    return choice?.label ?? (value === '' ? '—' : value);
  };
  return {
    kind: 'pick',
    key: REVIEW,
    prompt: vscode.l10n.t('Review: press Enter to start, or select a value to change it'),
    value: () => 'go',
    items: () => {
      const [first] = problems();
      const icon = first === undefined ? '$(rocket)' : '$(error)';
      return [
        {
          label: `${icon} ${vscode.l10n.t('Onboard {0}', answerOf(answers, 'vin'))}`,
          description: first === undefined ? of.summary(answers) : say(backend().problemLine(first)),
          alwaysShow: true,
          value: 'go',
        },
        ...fields.map((field) => ({
          label: titleOf(field),
          description: wordsOf(field),
          value: field.name,
        })),
      ];
    },
    onPicked: async (picked) => {
      const wrong = problems();
      if (picked === 'go' && wrong.length === 0) return true;
      // With something wrong, starting leads to the line that is.
      const field = fields.find(({ name }) =>
        picked === 'go' ? wrong.some((problem) => problem.field === name) : name === picked,
      );
      if (field !== undefined) await change(backend, of, title, field, answers);
      return false;
    },
  };
}

/** What settings of the editor say instead of a default. */
export function settingsOf(fields: readonly Field[]): Record<string, string> {
  const settings = vscode.workspace.getConfiguration('cmsEnablement');
  return Object.fromEntries(
    fields.flatMap(({ name, setting }) => {
      const value: unknown = setting === undefined ? undefined : settings.get(setting);
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

function titleOf({ title, name }: Field): string {
  return title === undefined ? name : say(title);
}

/** What is wrong with the value in an input box. */
function valueProblem(problem: Message | undefined): string | undefined {
  return problem && vscode.l10n.t('The value {0}', say(problem));
}

/** The answers that are fields of the request. */
function requestFields(answers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(answers).filter(([key]) => !NO_FIELDS.has(key)));
}

async function change(
  backend: LoadQuestions,
  of: OnboardingFields,
  title: string,
  field: FormField,
  answers: Record<string, string>,
): Promise<void> {
  const { name: key } = field;
  const prompt = titleOf(field);
  const choices = choicesOf(field);
  const problemOf = (value: string): string | undefined => {
    const problems = backend().requestProblems(of, { ...requestFields(answers), [key]: value }, Date.now());
    return valueProblem(problems.find((problem) => problem.field === key)?.message);
  };
  const question: Question =
    choices === undefined
      ? { kind: 'text', key, prompt, value: () => answers[key] ?? '', validate: problemOf }
      : { kind: 'pick', key, prompt, value: () => answers[key], items: () => [...choices] };
  await askAll(title, [question], answers);
}
