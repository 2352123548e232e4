import * as vscode from 'vscode';
import type { ProfileSummary } from '../../aws/profiles.ts';
import { forLabel } from '../base/shown.ts';
import { answerOf, type Question } from '../base/wizard.ts';
import type { SavedConnection } from './connections.ts';
import { kindOf } from './profileKind.ts';

/** Regions AWS IoT Core serves (AWS General Reference, "AWS IoT Core endpoints and quotas"); any other can be typed. */
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'sa-east-1': 'South America (São Paulo)',
  'eu-central-1': 'Europe (Frankfurt)',
  'eu-west-1': 'Europe (Ireland)',
  'eu-west-2': 'Europe (London)',
  'eu-west-3': 'Europe (Paris)',
  'eu-north-1': 'Europe (Stockholm)',
  'eu-south-1': 'Europe (Milan)',
  'eu-south-2': 'Europe (Spain)',
  'me-south-1': 'Middle East (Bahrain)',
  'me-central-1': 'Middle East (UAE)',
  'ap-east-1': 'Asia Pacific (Hong Kong)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'cn-north-1': 'China (Beijing)',
  'cn-northwest-1': 'China (Ningxia)',
  'us-gov-west-1': 'AWS GovCloud (US-West)',
  'us-gov-east-1': 'AWS GovCloud (US-East)',
};
const OTHER_REGION = '\u0000other';
const DEFAULT_CHAIN = '\u0000default';

/** What was answered. */
export function connectionIn(answers: Record<string, string>): Omit<SavedConnection, 'id'> {
  const { profile } = answers;
  const region = answerOf(answers, answers.region === OTHER_REGION ? 'otherRegion' : 'region');
  return profile === undefined || profile === DEFAULT_CHAIN ? { region } : { profile, region };
}

/** Which region in place of the one that is answered, where there is no profile to ask for. */
export function regionQuestions(answers: Record<string, string>): Question[] {
  return connectionQuestions([], answers, answers.region).filter(({ key }) => key !== 'profile');
}

/**
 * Which profile and region a connection is made of.
 * @param current the region it has by now, which may be one that AWS IoT's list does not have
 */
export function connectionQuestions(
  profiles: readonly ProfileSummary[],
  answers: Record<string, string>,
  current?: string,
): Question[] {
  const regionOf = (): string => profiles.find((p) => p.name === answers.profile)?.region ?? '';
  return [
    {
      kind: 'pick',
      key: 'profile',
      prompt: vscode.l10n.t('AWS profile (from ~/.aws)'),
      value: () => answers.profile ?? profiles[0]?.name,
      items: () => [
        ...profiles.map((p) => ({
          label: forLabel(p.name),
          description: [kindOf(p), p.region, p.endpoint].filter(Boolean).join(' · '),
          value: p.name,
        })),
        {
          label: vscode.l10n.t('Default credentials'),
          description: vscode.l10n.t('environment, instance or container role'),
          value: DEFAULT_CHAIN,
        },
      ],
      // No profile, nothing to choose.
      skip: () => profiles.length === 0,
    },
    {
      kind: 'pick',
      key: 'region',
      prompt: vscode.l10n.t('AWS region'),
      value: () => answers.region ?? regionOf(),
      items: () => {
        const own = current ?? regionOf();
        const why = current === undefined ? vscode.l10n.t('from the profile') : vscode.l10n.t('current');
        const known = Object.entries(REGIONS).map(([region, description]) => ({
          label: region,
          description: region === own ? `${description} · ${why}` : description,
          value: region,
        }));
        const other = {
          label: vscode.l10n.t('Another region…'),
          description: '',
          value: OTHER_REGION,
        };
        if (own === '') return [...known, other];
        const first = known.find(({ value }) => value === own) ?? {
          label: forLabel(own),
          description: why,
          value: own,
        };
        return [first, ...known.filter(({ value }) => value !== own), other];
      },
    },
    {
      kind: 'text',
      key: 'otherRegion',
      prompt: vscode.l10n.t('AWS region, for example {0}', 'us-west-2'),
      value: () => answers.otherRegion ?? '',
      validate: (value) =>
        /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(value) ? undefined : vscode.l10n.t('A region looks like us-west-2'),
      skip: () => answers.region !== OTHER_REGION,
    },
  ];
}
