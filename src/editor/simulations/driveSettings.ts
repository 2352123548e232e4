/** Answers about a drive, as text; absent ones stand for the default. */
export type DriveAnswers = Record<string, string>;

/** What can be set about a drive, and how it is unless somebody says otherwise. */
export const DEFAULTS = {
  pace: 'drive',
  speed: '1',
  rate: '1',
  end: 'stop',
  // Of several vehicles; else all begin on one spot.
  spread: 'yes',
  events: '',
  chance: '',
  powertrain: 'own',
  jobs: 'yes',
  minutes: '',
  seed: '1',
  record: 'no',
  on: 'here',
  shards: '',
  store: '',
  identities: '',
};
export type Setting = keyof typeof DEFAULTS;

/** What makes the next drive the same as the last one. Whether it is recorded is asked each time. */
export const REPEATED: readonly string[] = [
  'route',
  'which',
  ...Object.keys(DEFAULTS).filter((key) => key !== 'record'),
];

/** Answers as they were before: what was answered since is taken back, but for what does not belong to the drive. */
export function takeBack(answers: DriveAnswers, before: Readonly<DriveAnswers>): void {
  for (const key of REPEATED) {
    const value = before[key];
    if (value === undefined) Reflect.deleteProperty(answers, key);
    else answers[key] = value;
  }
}
