import { CreateJobCommand, DescribeJobExecutionCommand } from '@aws-sdk/client-iot';
import { l10n } from '../../core/message.ts';
import { calling, unlessMissing } from '../calls.ts';
import type { Connection } from '../connection.ts';

/** How far a thing is with a job. */
export interface JobExecution {
  /** `QUEUED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, … */
  status: string | undefined;
  details: Record<string, string>;
  /** Grows with each report. */
  version: number | undefined;
}

/** Makes a job for one thing, as it is now. */
export async function createJob(
  connection: Connection,
  { jobId, thingArn, document }: { jobId: string; thingArn: string; document: string },
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  const command = new CreateJobCommand({
    jobId,
    targets: [thingArn],
    document,
    targetSelection: 'SNAPSHOT',
  });
  await calling(l10n.t('creating the job {id}', { id: jobId }), () =>
    iot.send(command, { abortSignal: signal }),
  );
}

/** Undefined while there is no execution: AWS queues it a moment after the job is made. */
export async function findJobExecution(
  connection: Connection,
  { jobId, thingName }: { jobId: string; thingName: string },
  signal: AbortSignal,
): Promise<JobExecution | undefined> {
  const iot = await connection.iot();
  const answer = await unlessMissing(l10n.t('asking for the job {id}', { id: jobId }), () =>
    iot.send(new DescribeJobExecutionCommand({ jobId, thingName }), { abortSignal: signal }),
  );
  const { execution } = answer ?? {};
  return (
    execution && {
      status: execution.status,
      details: { ...execution.statusDetails?.detailsMap },
      version: execution.versionNumber,
    }
  );
}
