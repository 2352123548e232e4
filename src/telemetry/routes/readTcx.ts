import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector } from './collector.ts';
import { isNoNumber, numberOf } from './numbers.ts';
import { readXml } from './readXml.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';

const FIELDS = ['LatitudeDegrees', 'LongitudeDegrees', 'AltitudeMeters', 'Time'] as const;

/** Activities and courses, their tracks as parts. Source: Garmin's TrainingCenterDatabase v2 schema. */
export async function readTcx(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  let name = '';
  let value = '';
  let cells: Partial<Record<(typeof FIELDS)[number], string>> = {};

  function coordinate(text: string | undefined, where: Where): number {
    const number = numberOf(text);
    if (!Number.isNaN(number)) return number;
    throw routeInvalid(
      file,
      l10n.t('"{value}" is not a number', { value: (text ?? '').slice(0, 40) }),
      where,
    );
  }

  function endPoint(where: Where): void {
    const { LatitudeDegrees, LongitudeDegrees, AltitudeMeters, Time } = cells;
    // Devices write records of the heart rate alone while they have no position.
    if (isNoNumber(LatitudeDegrees) || isNoNumber(LongitudeDegrees)) {
      collector.leaveOutRecord(where);
      return;
    }
    const position = {
      latitude: coordinate(LatitudeDegrees, where),
      longitude: coordinate(LongitudeDegrees, where),
    };
    const altitude = AltitudeMeters?.trim() ? { altitude: numberOf(AltitudeMeters) } : {};
    collector.add({ ...position, ...altitude }, where, Time);
  }

  await readXml(bytes, file, collector.progress, {
    open(path) {
      value = '';
      const element = path.at(-1);
      if (element === 'Activity' || element === 'Course') name = '';
      if (element === 'Track') collector.beginPart();
      if (element === 'Trackpoint') cells = {};
    },
    text(_path, text) {
      if (value.length < 4 * BOUNDS.name) value += text;
    },
    close(path, line) {
      const [parent, element] = [path.at(-2), path.at(-1)];
      const field = FIELDS.find((it) => it === element);
      if (field !== undefined && path.includes('Trackpoint')) cells[field] = value;
      if ((parent === 'Course' && element === 'Name') || (parent === 'Activity' && element === 'Id'))
        name = value;
      if (element === 'Trackpoint') endPoint({ line, element: 'Trackpoint' });
      if (element === 'Activity' || element === 'Course') collector.endFeature(name);
    },
  });
  return 'stated';
}
