import * as vscode from 'vscode';
import { messageOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import type { JobProgress, JobRequest } from '../../onboarding/vehicleJob.ts';
import { flag } from '../base/commandLine.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import { answerOf, askAll, type Question } from '../base/wizard.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';
import { sendQuestion, whereOf } from './sendQuestion.ts';

type Asked = { version: string } | { document: string };

/** Sends a job (a command) to a vehicle through AWS IoT, and follows it to its end. */
export async function sendJob(
  tasks: Tasks,
  targets: Targets,
  access: VehicleAccess,
  target: unknown,
): Promise<void> {
  const vehicle = await targets.vehicle(target, vscode.l10n.t('Send Job'));
  if (vehicle === undefined) return;
  const where = await whereOf(tasks, access, vehicle);
  if (where === undefined) return;
  const asked = await ask(access, vehicle, where);
  if (asked !== undefined) await send(tasks, access, vehicle, asked);
}

async function ask(
  access: VehicleAccess,
  { ref, vin, id = vin }: VehicleTarget,
  where: string,
): Promise<Asked | undefined> {
  const answers: Record<string, string> = {};
  const questions: Question[] = [
    {
      kind: 'pick',
      key: 'what',
      prompt: vscode.l10n.t('What the vehicle should do'),
      value: () => answers.what,
      items: () => [
        {
          label: vscode.l10n.t('Update the software'),
          description: vscode.l10n.t('over the air; simulated vehicles do it'),
          value: 'update',
        },
        {
          label: vscode.l10n.t('Something else'),
          description: vscode.l10n.t('a job document as JSON'),
          value: 'document',
        },
      ],
    },
    {
      kind: 'text',
      key: 'version',
      prompt: vscode.l10n.t('Software version to update to'),
      placeholder: '2.0',
      value: () => answers.version ?? '',
      validate: (text) => (text.trim() === '' ? vscode.l10n.t('This cannot be empty') : undefined),
      skip: () => answers.what !== 'update',
    },
    {
      kind: 'text',
      key: 'document',
      prompt: vscode.l10n.t('Job document as JSON'),
      placeholder: '{"operation":"openDoors"}',
      value: () => answers.document ?? '',
      validate: (text) => problemOf(access, text),
      skip: () => answers.what !== 'document',
    },
  ];
  const words = (): string[] => [
    'job',
    ...flag('vin', id),
    ...(answers.what === 'update'
      ? flag('updateTo', answerOf(answers, 'version').trim())
      : flag('document', answerOf(answers, 'document').trim())),
  ];
  const last = sendQuestion(where, () =>
    answerOf(answers, answers.what === 'update' ? 'version' : 'document'),
  );
  const review = access.cli.within(last, ref, words, ['connection', 'stack']);
  const title = vscode.l10n.t('Send Job to {0}', vin);
  if (!(await askAll(title, [...questions, review], answers))) return undefined;
  return answers.what === 'update'
    ? { version: answerOf(answers, 'version').trim() }
    : { document: access.backend().readJobDocument(answerOf(answers, 'document')) };
}

function problemOf(access: VehicleAccess, text: string): string | undefined {
  try {
    access.backend().readJobDocument(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function send(
  tasks: Tasks,
  access: VehicleAccess,
  { ref, vin, id }: VehicleTarget,
  asked: Asked,
): Promise<void> {
  const backend = access.backend();
  const title = vscode.l10n.t('Sending a job to {0}', vin);
  const made = await tasks.run({ title, quiet: true }, async (work) => {
    const connection = await access.connections.open(ref.connectionId);
    const deployment = await access.sessions.open(ref, work.signal);
    await backend.checkJobs(deployment, work.signal);
    const document = 'version' in asked ? backend.updateDocument(deployment, asked.version) : asked.document;
    const { thingName } = await backend.certainVehicle(id ?? vin, deployment, work.signal);
    const jobId = backend.newJobId(work.clock.now(), work.random);
    const request: JobRequest = { vin, thingName, jobId, document };
    await backend.createJob(connection, request, work);
    return { connection, request };
  });
  if (made === undefined) return;
  const { connection, request } = made;
  const follow = async (): Promise<void> => {
    const ended = await tasks.run(
      {
        title: vscode.l10n.t('Job {0} for {1}', request.jobId, vin),
        // The job stays: following it is all that ends with Cancel.
        retry: () => void tasks.attempt(follow),
      },
      (work) =>
        backend.followJob(connection, request, { changed: (progress) => tell(work, vin, progress) }, work),
    );
    if (ended === undefined) return;
    const status = say(statusOf(ended));
    void notify.info(vscode.l10n.t('{0} carried out the job {1}: {2}', vin, request.jobId, status));
  };
  await follow();
}

function tell(work: Work, vin: string, progress: JobProgress): void {
  work.progress({ step: 'job', level: 'info', vin, message: statusOf(progress) });
}

/** What the vehicle says besides the status, in parentheses. */
function statusOf({ status, details }: JobProgress) {
  const said = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return l10n.verbatim(said.length === 0 ? status : `${status} (${said.join(', ')})`);
}
