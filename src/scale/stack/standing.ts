import { type FoundStack, isLost } from '../../aws/stacks.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { WORKER } from '../price.ts';
import type { ScaleWish } from './scaleStack.ts';
import type { WorkerParameters } from './template.ts';

/** What a setup may be told; what is left out stays as it is. */
export type ScaleOptions = {
  [K in keyof Omit<ScaleWish, 'version'>]?: ScaleWish[K] | undefined;
};

export interface ScaleStacks {
  workers: FoundStack | undefined;
  data: FoundStack | undefined;
}

/** Parameters that differ, by the option that changes them. Empty text: none. */
export interface ScaleChange {
  option: string;
  before: string;
  after: string;
}

const DEFAULTS = { architecture: 'ARM64', maxWorkers: 64, retentionDays: 14 } as const;
const OPTIONS: Partial<Record<keyof WorkerParameters, string>> = {
  Image: '--image',
  Architecture: '--arch',
  MaxVcpus: '--max-workers',
  RetentionDays: '--retention-days',
  VpcId: '--vpc',
  SubnetIds: '--subnets',
  AssignPublicIp: '--private-subnets',
  RoleBoundary: '--role-boundary',
};

/**
 * The stack of 0.5.0 has the same name, and bucket and key in itself: an update by the template of today would delete
 * both. @throws CmsError REQUEST_INVALID
 */
export function refuseElder(workers: FoundStack | undefined): void {
  if (workers === undefined || 'Bucket' in workers.parameters) return;
  const { name, outputs } = workers;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t(
      'The stack {name} was deployed from the template of version 0.5.0: its bucket and its key would be deleted with it.',
      { name },
    ),
    {
      remedy: l10n.t(
        'Wait until no run drives. Copy what you need from {store}, empty the bucket, and delete the stack with {command}. Then run "scale setup" and "identities push".',
        {
          store: outputs.Store ?? l10n.t('its bucket'),
          command: `aws cloudformation delete-stack --stack-name ${name}`,
        },
      ),
    },
  );
}

/** What workers are to run on: as it is told, else as it stands, else as it usually is. */
export function wishOf(told: ScaleOptions, version: string, { workers, data }: ScaleStacks): ScaleWish {
  const { Image, Architecture, MaxVcpus, VpcId, SubnetIds, AssignPublicIp, RoleBoundary, ...rest } =
    standing(workers);
  const RetentionDays = data?.parameters.RetentionDays ?? rest.RetentionDays;
  return {
    version,
    image: told.image ?? textOf(Image),
    architecture:
      told.architecture ??
      (Architecture === undefined ? DEFAULTS.architecture : architectureOf(Architecture)),
    maxWorkers: told.maxWorkers ?? (numberOf(MaxVcpus) ?? DEFAULTS.maxWorkers * WORKER.vcpus) / WORKER.vcpus,
    retentionDays: told.retentionDays ?? numberOf(RetentionDays) ?? DEFAULTS.retentionDays,
    network:
      told.network ??
      (textOf(VpcId) === undefined
        ? undefined
        : {
            vpcId: VpcId ?? '',
            subnetIds: (SubnetIds ?? '').split(','),
            publicIp: AssignPublicIp !== 'DISABLED',
          }),
    roleBoundary: told.roleBoundary ?? textOf(RoleBoundary),
  };
}

/** What a wish makes of the workers' stack, without the place of the data. */
export function parametersOf(wish: ScaleWish): Omit<WorkerParameters, 'Bucket' | 'KeyArn'> {
  const { network } = wish;
  return {
    RetentionDays: String(wish.retentionDays),
    ...{ Image: wish.image ?? '', Tag: wish.version, Architecture: wish.architecture },
    MaxVcpus: String(wish.maxWorkers * WORKER.vcpus),
    ...{ VpcId: network?.vpcId ?? '', SubnetIds: network?.subnetIds.join(',') ?? '' },
    AssignPublicIp: network?.publicIp === false ? 'DISABLED' : 'ENABLED',
    RoleBoundary: wish.roleBoundary ?? '',
  };
}

/** What of the stacks that are there a setup changes. */
export function changesOf(wish: ScaleWish, { workers, data }: ScaleStacks): ScaleChange[] {
  const before = { ...data?.parameters, ...standing(workers) };
  return Object.entries(parametersOf(wish)).flatMap(([name, after]) => {
    const option = OPTIONS[name as keyof typeof OPTIONS];
    const was = before[name];
    return option === undefined || was === undefined || was === after ? [] : [{ option, before: was, after }];
  });
}

export function architectureOf(parameter: string | undefined): ScaleWish['architecture'] {
  return parameter === 'X86_64' ? 'X86_64' : 'ARM64';
}

/** Parameters of a stack that failed may be why it did. */
function standing(workers: FoundStack | undefined): Partial<Record<string, string>> {
  return workers === undefined || isLost(workers) ? {} : workers.parameters;
}

const textOf = (parameter: string | undefined) => (parameter === '' ? undefined : parameter);

function numberOf(parameter: string | undefined): number | undefined {
  const number = Number(parameter);
  return Number.isFinite(number) ? number : undefined;
}
