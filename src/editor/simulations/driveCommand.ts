import { flag } from '../base/commandLine.ts';
import { DEFAULTS, type DriveAnswers, type Setting } from './driveSettings.ts';
import { type ScalePlan, scalePlanOf } from './scalePlan.ts';

/** A drive as the wizard has it. */
interface Asked {
  answers: DriveAnswers;
  choice: { file: { uri: { fsPath: string }; routes: readonly unknown[] } | undefined };
  asked: { chosen: readonly { vin: string; id?: string | undefined }[] };
}

/** The same drive as a command of the command line. */
export function simulateWords({ answers, choice, asked }: Asked): string[] {
  const said = (key: Setting): string => (answers[key] ?? DEFAULTS[key]).trim();
  const unusual = (key: Setting): string => (said(key) === DEFAULTS[key] ? '' : said(key));
  const parts = (key: Setting): string[] =>
    said(key)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const vehicles = asked.chosen;
  const { uri, routes = [] } = choice.file ?? {};
  const which = answers.which ?? '0';
  // The command counts from 1, and takes all routes of a file unless one is picked.
  const pick = routes.length < 2 || !/^\d+$/.test(which) ? '' : String(Number(which) + 1);
  const minutes = said('minutes');
  const scale = scalePlanOf(answers, vehicles.length);
  return [
    'simulate',
    ...flag('vin', ...vehicles.map(({ vin, id = vin }) => id)),
    ...flag('route', uri?.fsPath ?? ''),
    ...flag('pick', pick),
    ...flag('speed', unusual('speed')),
    ...flag('rate', unusual('rate')),
    ...flag('pace', unusual('pace')),
    ...flag('end', unusual('end')),
    ...(vehicles.length > 1 ? [said('spread') === 'yes' ? '--spread' : '--no-spread'] : []),
    ...parts('events').flatMap((event) => flag('event', event)),
    ...parts('chance').flatMap((rate) => flag('eventRate', rate)),
    ...flag('powertrain', unusual('powertrain')),
    ...(said('jobs') === 'no' ? ['--no-jobs'] : []),
    ...flag('duration', minutes === '' ? '' : String(Number(minutes) * 60)),
    ...flag('seed', unusual('seed')),
    ...(scale === undefined
      ? said('record') === 'yes'
        ? flag('record', 'recording.jsonl')
        : []
      : scaleWords(scale)),
  ];
}

function scaleWords({ shards, on, store = '', identities = '' }: ScalePlan): string[] {
  return [
    ...flag('shards', String(shards)),
    ...flag('on', on),
    ...flag('store', store),
    ...flag('identities', identities),
  ];
}
