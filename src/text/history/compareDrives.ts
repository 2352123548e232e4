import { l10n, type Message } from '../../core/message.ts';
import { type DriveFigures, duration } from '../driveSummary.ts';
import { measuresIn } from '../measures.ts';

/** One figure of two drives: in words, and by how much the first one has more. */
export interface ComparedFigure {
  label: Message;
  these: string;
  others: string;
  change: string;
}

/** What two drives came to, figure by figure; what neither has is left out. */
export function compareDrives(
  these: DriveFigures,
  others: DriveFigures,
  { speed, distance, volume } = measuresIn(),
): ComparedFigure[] {
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  const rows: [Message, (figures: DriveFigures) => number | undefined, (value: number) => string][] = [
    [l10n.t('Vehicles'), ({ vehicles }) => vehicles, String],
    [l10n.t('Distance'), ({ metres }) => metres, distance],
    [l10n.t('Driving time'), ({ seconds }) => seconds, duration],
    [l10n.t('Average speed'), ({ averageSpeed }) => averageSpeed, speed],
    [l10n.t('Top speed'), ({ topSpeed }) => topSpeed, speed],
    [l10n.t('Fuel'), ({ fuel }) => (fuel > 0 ? fuel : undefined), volume],
    [l10n.t('Battery'), ({ charge }) => (charge > 0 ? charge : undefined), percent],
    [l10n.t('Messages acknowledged'), ({ acknowledged }) => acknowledged, String],
    [l10n.t('Lost'), ({ lost }) => lost, String],
    [l10n.t('Sent again'), ({ resent }) => resent, String],
    [l10n.t('Reconnects'), ({ reconnects }) => reconnects, String],
  ];
  const compared = rows.flatMap(([label, read, words]) => {
    const [a, b] = [read(these), read(others)];
    if (a === undefined && b === undefined) return [];
    return [
      {
        label,
        these: a === undefined ? '–' : words(a),
        others: b === undefined ? '–' : words(b),
        change: a === undefined || b === undefined ? '' : signed(a - b, words),
      },
    ];
  });
  const codes = (figures: DriveFigures): string => figures.troubleCodes.join(', ') || '–';
  return [
    ...compared,
    { label: l10n.t('Trouble codes'), these: codes(these), others: codes(others), change: '' },
  ];
}

/** Empty where the words of both are the same. */
function signed(change: number, words: (value: number) => string): string {
  const size = words(Math.abs(change));
  return size === words(0) ? '' : `${change > 0 ? '+' : '−'}${size}`;
}
