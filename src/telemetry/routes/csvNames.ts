import type { LetterO } from './coordinate.ts';

/** What a column can be. */
export type Role = 'latitude' | 'longitude' | 'altitude' | 'time' | 'date';

/** Names in the languages in which spreadsheets and loggers write them; the last ones of a role tell least. */
export const NAMES: Readonly<Record<Role, readonly string[]>> = {
  latitude: ['latitude', 'lat', 'lati', 'breitengrad', 'latitud', 'latitudine', 'breedtegraad', 'szerokość', '緯度', '纬度', '위도', 'широта', 'breite', 'y'],
  longitude: ['longitude', 'long', 'lon', 'lng', 'längengrad', 'laengengrad', 'longitud', 'longitudine', 'lengtegraad', 'długość', '経度', '经度', '경도', 'долгота', 'länge', 'laenge', 'x'],
  altitude: ['altitude', 'alt', 'elevation', 'ele', 'elev', 'hmsl', 'élévation', 'altitud', 'altitudine', 'quota', 'hoogte', '標高', '高度', 'высота', 'wysokość', 'height', 'höhe', 'hoehe', 'z'],
  time: ['timestamp', 'datetime', 'datumzeit', 'zeitstempel', 'horodatage', 'time', 'zeit', 'uhrzeit', 'zeitpunkt', 'heure', 'hora', 'ora', 'tijd', 'tijdstip', 'czas', 'tiempo', 'temps', 'tempo', 'время', 'utc', 'gmt', '日時', '時刻', '時間', '时间', '시간', 'fixtime', 'devicetime', 'servertime', 'unixtime', 'epoch', 'unix', 'posix', 'realtime', 'uptime', 'itow', 'tow', 'dt', 'ts', 'seconds', 'secs', 'sekunden', 'milliseconds', 'millis'],
  date: ['date', 'datum', 'fecha', 'data', 'jour', 'tag', 'day', 'utcdate', 'gpsdate', 'дата', '日付', '日期', '날짜'],
}; // prettier-ignore

/** Names that may also be those of other things, such as the size of a vehicle. */
export const TELLS_LESS: ReadonlySet<string> = new Set([
  'breite',
  'länge',
  'laenge',
  'height',
  'höhe',
  'hoehe',
]);

/** Words that name the same thing in another way, wherever they stand. */
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:date time|datum zeit|datum uhrzeit|fecha hora|data ora|data hora|date heure)\b/, 'datetime'],
  [/дата (?:и )?время/, 'datetime'],
  [/\btime stamp\b/, 'timestamp'],
  [/\b(?:recorded|created|captured|measured|sampled|received|reported) (?:at|on)\b/, 'datetime'],
  [/\bi tow\b/, 'itow'],
  [/\bunix time\b/, 'unixtime'],
  [/\b(?:utc|gmt) time\b|\btime (?:utc|gmt)\b/, 'time'],
];

export function saidOtherwise(words: readonly string[]): string[] {
  const text = words.join(' ');
  return SYNONYMS.reduce((all, [from, to]) => all.replace(from, to), text).split(' ');
}

/** Milliseconds. */
const TIME_UNITS: Readonly<Record<string, number>> = {
  ...{ h: 3_600_000, hours: 3_600_000, min: 60_000, mins: 60_000, minutes: 60_000 },
  ...{ s: 1000, sec: 1000, secs: 1000, seconds: 1000, sekunden: 1000 },
  ...{ ms: 1, msec: 1, millis: 1, milliseconds: 1, millisekunden: 1 },
  ...{ us: 1e-3, µs: 1e-3, μs: 1e-3, micros: 1e-3, microseconds: 1e-3 },
  ...{ ns: 1e-6, nanos: 1e-6, nanoseconds: 1e-6 },
};

/** The unit that a header says, such as `Time (ms)` or `elapsedRealtimeNanos`, in milliseconds. */
export function timeUnitOf(words: readonly string[]): number | undefined {
  if (words.join('') === 'itow') return 1;
  return TIME_UNITS[words.at(-1) ?? ''] ?? TIME_UNITS[words[0] ?? ''];
}

/** Columns that together are a date, a time of day, or both. */
export interface TimeParts {
  year?: number;
  month?: number;
  day?: number;
  hour: number;
  minute: number;
  second?: number;
}

const PARTS: Readonly<Record<keyof TimeParts, ReadonlySet<string>>> = {
  year: new Set(['year', 'yr', 'yyyy', 'jahr', 'année', 'annee', 'año', 'anno', 'jaar', '年']),
  month: new Set(['month', 'mon', 'mo', 'mm', 'monat', 'mois', 'mes', 'mese', 'maand', '月']),
  day: new Set(['day', 'dd', 'tag', 'jour', 'día', 'dia', 'giorno', 'dag', '日']),
  hour: new Set(['hour', 'hours', 'hr', 'hh', 'stunde', 'heure', 'hora', 'ora', 'uur', '時', '时']),
  minute: new Set(['minute', 'minutes', 'min', 'mi', 'mn', 'minuto', 'minuut', '分']),
  second: new Set(['second', 'seconds', 'sec', 'ss', 's', 'sekunde', 'seconde', 'segundo', 'secondo', '秒']),
};

/** Undefined if there are no hours and minutes. */
export function timePartsIn(words: readonly (readonly string[])[]): TimeParts | undefined {
  const at = (part: keyof TimeParts) => {
    const index = words.findIndex((it) => {
      const plain = it.filter((word) => !['gps', 'utc', 'gmt', 'local'].includes(word));
      return plain.length === 1 && PARTS[part].has(plain[0] ?? '');
    });
    return index < 0 ? undefined : index;
  };
  const [hour, minute] = [at('hour'), at('minute')];
  if (hour === undefined || minute === undefined) return undefined;
  const parts: TimeParts = { hour, minute };
  for (const part of ['year', 'month', 'day', 'second'] as const) {
    const index = at(part);
    if (index !== undefined) parts[part] = index;
  }
  return parts;
}

/** Things that a row of a table can belong to. */
const OBJECTS = new Set(['vehicle', 'vin', 'car', 'truck', 'bus', 'taxi', 'van', 'bike', 'scooter', 'vessel', 'ship', 'mmsi', 'flight', 'aircraft', 'icao', 'icao24', 'callsign', 'tail', 'train', 'tram', 'device', 'terminal', 'tracker', 'imei', 'asset', 'plate', 'registration', 'kennzeichen', 'fahrzeug', 'fahrzeugnummer', 'véhicule', 'vehicule', 'immatriculation', 'matricule', 'vehículo', 'vehiculo', 'matrícula', 'matricula', 'veículo', 'veiculo', 'veicolo', 'targa', 'voertuig', 'kenteken', 'pojazd', 'rejestracyjny', 'автомобиль', 'госномер', '車両', '車両id', '車両番号', '车牌', '车牌号', '车辆', '차량', 'trip', 'ride', 'journey', 'fahrt', 'trajet', 'viaje', 'viaggio', 'rit', 'track', 'trackname', 'route', 'shape', 'session', 'activity', 'user', 'driver', 'fahrer', 'conducteur', 'tid', 'line', 'person', 'agent', 'object', 'entity', 'unit', 'individual']); // prettier-ignore
/** Words beside them that say how it is named, in one word with it, too. */
const NAMING = new Set(['id', 'ids', 'no', 'nr', 'num', 'number', 'nummer', 'numéro', 'numero', 'número', 'numer', 'name', 'nom', 'nombre', 'nome', 'naam', 'code', 'key', 'uid', 'uuid', 'identifier', 'kennung', 'serial', 'license', 'licence', 'plate', 'registration', 'local', 'tag', 'fleet', 'de', 'du', 'del', 'der', 'di', '番号', '号', 'номер']); // prettier-ignore
/** Those that mean something else on their own. */
const NEEDS_NAMING = new Set(['line', 'unit', 'tail', 'object', 'person', 'agent', 'entity', 'individual', 'activity', 'shape']); // prettier-ignore

/** Whether a column of this name says which vehicle or trip a row belongs to. */
export function isTrackName(all: readonly string[]): boolean {
  const words = all.flatMap((word) => {
    const [, object, naming] = /^(\p{L}{3,})(id|no|nr|number|name)$/u.exec(word) ?? [];
    return object !== undefined && naming !== undefined && OBJECTS.has(object) ? [object, naming] : [word];
  });
  const objects = words.filter((word) => OBJECTS.has(word));
  if (words.length > 4) return false;
  if (objects.length === 0 && words.join(' ') !== 'tag local identifier') return false;
  if (!words.every((word) => OBJECTS.has(word) || NAMING.has(word))) return false;
  return words.length > objects.length || !objects.every((word) => NEEDS_NAMING.has(word));
}

const OF_GERMAN = /^(?:breite|breitengrad|länge|laenge|längengrad|laengengrad|zeit|uhrzeit|zeitstempel|zeitpunkt|datum|höhe|hoehe|fahrzeug|kennzeichen|geschwindigkeit)$/; // prettier-ignore
const OF_ROMANCE = /^(?:latitud|latitudine|longitud|longitudine|heure|horodatage|hora|ora|fecha|jour|altitud|altitudine|quota|élévation|vitesse|velocidad|velocità|velocidade|tiempo|temps|véhicule|vehicule|vehículo|veículo|veicolo|targa|immatriculation|matrícula|orientación)$/; // prettier-ignore

/** O is Ost in German, and Ouest, Oeste, Ovest in French, Spanish, Portuguese, Italian; undefined if none shows. */
export function letterOIn(words: readonly (readonly string[])[]): LetterO | undefined {
  const has = (pattern: RegExp) => words.some((it) => it.some((word) => pattern.test(word)));
  const [german, romance] = [has(OF_GERMAN), has(OF_ROMANCE)];
  if (german === romance) return undefined;
  return german ? 'east' : 'west';
}
