import * as vscode from 'vscode';
import type { Message } from '../../core/message.ts';
import type { FieldProblem } from '../../onboarding/problems.ts';
import type { SavedSignIn } from '../stacks/passwords.ts';
import type { Sessions } from '../stacks/sessions.ts';
import { say } from '../base/say.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import { answerOf, askAll, type PickItem, type Question } from '../base/wizard.ts';

const MEMORY_KEY = 'onboardAnswers';
/** Answers remembered for the next vehicle. The VIN is not: it is never the same; the password never is. */
const REMEMBERED = [
  'username', 'firstName', 'lastName', 'email', 'supplier', 'make', 'model', 'modelYear', 'bodyType', 'fuelType',
  'transmissionType', 'colorCode', 'iviType', 'deviceModel', 'softwareVersion', 'claim', 'keys',
] as const; // prettier-ignore

type LoadQuestions = LoadBackend<
  | 'generateVin'
  | 'nameProblem'
  | 'parseVin'
  | 'problemLine'
  | 'requestDefaults'
  | 'requestProblems'
  | 'usernameProblem'
  | 'vehicleChoices'
  | 'vinProblem'
>;

/** What the questions are made of. */
export interface OnboardSources {
  backend: LoadQuestions;
  sessions: Pick<Sessions, 'saved'>;
  /** Keeps answers for the next vehicle. */
  memory: vscode.Memento;
}

export interface OnboardAnswers {
  /** Fields of the vehicle request, as text; empty ones are left out. */
  fields: Record<string, string>;
  /** The e-mail address counts when the user has to be made, and only if it is the owner who signs in. */
  signIn: SavedSignIn & { email?: string };
}

/**
 * Asks for a vehicle, its owner and the sign-in, shows all of it, and gives it back when the person agrees.
 * @param before answers given already, to be shown again
 */
export async function askOnboarding(
  { backend, sessions, memory }: OnboardSources,
  ref: StackRef,
  before: Record<string, string> = {},
): Promise<OnboardAnswers | undefined> {
  const answers: Record<string, string> = { ...remembered(memory), ...before };
  const saved = await sessions.saved(ref);
  const title = vscode.l10n.t('Onboard Vehicle onto {0}', ref.stack);
  const all = [...questions(backend, answers, saved), review(backend, title, answers)];
  if (!(await askAll(title, all, answers))) return undefined;
  const fields = requestFields(answers);
  await memory.update(
    MEMORY_KEY,
    Object.fromEntries(REMEMBERED.flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]]]))),
  );
  const username = answerOf(answers, 'username');
  const { email = '' } = fields;
  const who = saved ?? { username, password: answerOf(answers, 'password') };
  const signIn = email === '' || who.username !== username ? who : { ...who, email };
  return { fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')), signIn };
}

function remembered(state: vscode.Memento): Record<string, string> {
  const kept = state.get<Record<string, unknown>>(MEMORY_KEY, {});
  return Object.fromEntries(
    REMEMBERED.flatMap((key) => (typeof kept[key] === 'string' ? [[key, kept[key]]] : [])),
  );
}

function questions(
  backend: LoadQuestions,
  answers: Record<string, string>,
  saved: SavedSignIn | undefined,
): Question[] {
  const { generateVin, nameProblem, parseVin, usernameProblem, vinProblem } = backend();
  const text = (
    key: string,
    prompt: string,
    fallback: string,
    validate: (value: string) => string | undefined,
  ): Question => ({
    kind: 'text',
    key,
    prompt,
    value: () => answers[key] ?? fallback,
    validate,
  });
  const notEmpty = (value: string): string | undefined =>
    value.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined;
  return [
    {
      kind: 'text',
      key: 'vin',
      prompt: vscode.l10n.t(
        'VIN: 17 characters; it becomes the thing name and client id. Leave it empty to have one made up.',
      ),
      placeholder: 'LSH14J4C4LA046511',
      value: () => answers.vin ?? '',
      validate: (value) => {
        const problem = vinProblem(value.trim());
        if (problem !== undefined) return say(problem.message);
        const { warning } = parseVin(value.trim());
        return warning === undefined ? undefined : { warning: say(warning) };
      },
      button: {
        icon: 'wand',
        tooltip: vscode.l10n.t('Make up a VIN'),
        fill: () => generateVin(Math.random),
      },
    },
    text('username', vscode.l10n.t('User name of the owner'), 'testCMSUser1', (v) =>
      valueProblem(usernameProblem(v)),
    ),
    text('firstName', vscode.l10n.t('First name of the owner'), 'Test', notEmpty),
    text('lastName', vscode.l10n.t('Last name of the owner'), 'User', notEmpty),
    {
      kind: 'text',
      key: 'password',
      prompt: () =>
        vscode.l10n.t(
          'Password of {0} for CMS; kept in the secret storage only',
          answerOf(answers, 'username'),
        ),
      password: true,
      value: () => answers.password ?? '',
      validate: (value) => (value === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      skip: () => saved !== undefined,
    },
    text('supplier', vscode.l10n.t('Supplier of the telematics unit'), 'GenericSupplierName', (v) =>
      valueProblem(nameProblem(v)),
    ),
  ];
}

interface Field {
  key: string;
  label: string;
  choices?: readonly PickItem[];
}

function fieldsToReview(backend: LoadQuestions): Field[] {
  const choices = backend().vehicleChoices;
  const plain = (values: readonly string[]): PickItem[] => values.map((value) => ({ label: value, value }));
  return [
    { key: 'make', label: vscode.l10n.t('Make') },
    { key: 'model', label: vscode.l10n.t('Model') },
    { key: 'modelYear', label: vscode.l10n.t('Model year') },
    { key: 'bodyType', label: vscode.l10n.t('Body'), choices: plain(choices.bodyType) },
    { key: 'fuelType', label: vscode.l10n.t('Fuel'), choices: plain(choices.fuelType) },
    {
      key: 'transmissionType',
      label: vscode.l10n.t('Transmission'),
      choices: plain(choices.transmissionType),
    },
    { key: 'colorCode', label: vscode.l10n.t('Color code') },
    { key: 'iviType', label: vscode.l10n.t('Infotainment'), choices: plain(choices.iviType) },
    { key: 'deviceModel', label: vscode.l10n.t('TCU model') },
    { key: 'softwareVersion', label: vscode.l10n.t('TCU software') },
    { key: 'email', label: vscode.l10n.t('Owner’s email') },
    {
      key: 'claim',
      label: vscode.l10n.t('Claim certificate'),
      choices: [
        { value: 'per-vehicle', label: vscode.l10n.t('made for this vehicle, then deleted') },
        { value: 'temporary', label: vscode.l10n.t('temporary, five minutes') },
      ],
    },
    {
      key: 'keys',
      label: vscode.l10n.t('Production key'),
      choices: [
        { value: 'keys', label: vscode.l10n.t('made by AWS IoT') },
        { value: 'csr-ec', label: vscode.l10n.t('made here, EC P-256, sent as a CSR') },
        { value: 'csr-rsa', label: vscode.l10n.t('made here, RSA 2048, sent as a CSR') },
      ],
    },
  ];
}

/** Everything that will be sent, with defaults shown; any line can be changed before the start. */
function review(backend: LoadQuestions, title: string, answers: Record<string, string>): Question {
  const settings = vscode.workspace.getConfiguration('cmsEnablement');
  const defaults: Record<string, string> = {
    ...backend().requestDefaults(),
    claim: settings.get<string>('claim', 'per-vehicle'),
    keys: settings.get<string>('keys', 'keys'),
  };
  const fields = fieldsToReview(backend);
  for (const { key } of fields) answers[key] ??= defaults[key] ?? '';
  const problems = (): FieldProblem[] => backend().requestProblems(requestFields(answers), Date.now());
  const wordsOf = ({ key, choices }: Field): string => {
    const value = answers[key] ?? '';
    return choices?.find((choice) => choice.value === value)?.label ?? (value === '' ? '—' : value);
  };
  return {
    kind: 'pick',
    key: 'review',
    prompt: vscode.l10n.t('Review: Enter starts; pick a line to change it'),
    value: () => 'go',
    items: () => {
      const [first] = problems();
      const icon = first === undefined ? '$(rocket)' : '$(error)';
      return [
        {
          label: `${icon} ${vscode.l10n.t('Onboard {0}', answerOf(answers, 'vin'))}`,
          description:
            first === undefined
              ? `${answerOf(answers, 'username')} · ${answerOf(answers, 'supplier')}`
              : say(backend().problemLine(first)),
          alwaysShow: true,
          value: 'go',
        },
        ...fields.map((field) => ({ label: field.label, description: wordsOf(field), value: field.key })),
      ];
    },
    onPicked: async (picked) => {
      const wrong = problems();
      if (picked === 'go' && wrong.length === 0) return true;
      // With something wrong, starting leads to the line that is.
      const field = fields.find(({ key }) =>
        picked === 'go' ? wrong.some((problem) => problem.field === key) : key === picked,
      );
      if (field !== undefined) await change(backend, title, field, answers);
      return false;
    },
  };
}

/** What is wrong with the value in an input box. */
function valueProblem(problem: Message | undefined): string | undefined {
  return problem && vscode.l10n.t('The value {0}', say(problem));
}

/** The answers that are fields of the request. */
function requestFields({
  password: _,
  review: __,
  ...fields
}: Record<string, string>): Record<string, string> {
  return fields;
}

async function change(
  backend: LoadQuestions,
  title: string,
  field: Field,
  answers: Record<string, string>,
): Promise<void> {
  const { key, label, choices } = field;
  const problemOf = (value: string): string | undefined => {
    const problems = backend().requestProblems({ ...requestFields(answers), [key]: value }, Date.now());
    return valueProblem(problems.find((problem) => problem.field === key)?.message);
  };
  const question: Question =
    choices === undefined
      ? { kind: 'text', key, prompt: label, value: () => answers[key] ?? '', validate: problemOf }
      : { kind: 'pick', key, prompt: label, value: () => answers[key], items: () => [...choices] };
  await askAll(title, [question], answers);
}
