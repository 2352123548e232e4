import { troubleCodeSchema } from '../../protocol/control.ts';
import { type SimulationRequest } from '../../protocol/simulation.ts';

type ScriptedEvent = NonNullable<SimulationRequest['events']>[number];
type EventRates = NonNullable<SimulationRequest['eventRates']>;

/** Names of scripted events other than trouble codes, as users write them. */
const WORDS: Readonly<Record<string, 'oil-temperature' | 'braking'>> = {
  oil: 'oil-temperature',
  'oil-temperature': 'oil-temperature',
  braking: 'braking',
};

function kindOf(word: string): 'oil-temperature' | 'braking' | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
}

/** `3:P0217`, `3:braking` or `3:oil`, at a kilometre of each trip; undefined for anything else. */
export function readScriptedEvent(text: string): ScriptedEvent | undefined {
  const [km = '', what = '', ...more] = text.split(':').map((part) => part.trim());
  const kind = kindOf(what);
  if (kind === undefined) return readScriptedDtc(text);
  const at = Number(km) * 1000;
  return km === '' || !(at >= 0 && Number.isFinite(at)) || more.length > 0 ? undefined : { at, kind };
}

/** `braking:2.5`, random events per 100 km: `dtc`, `oil` or `braking`; undefined for anything else. */
export function readEventRate(text: string): EventRates | undefined {
  const [what = '', times = '', ...more] = text.split(':').map((part) => part.trim());
  const kind = what.toLowerCase() === 'dtc' ? 'dtc' : kindOf(what);
  const rate = Number(times);
  if (kind === undefined || times === '' || more.length > 0) return undefined;
  return rate >= 0 && rate <= 10_000 ? { [kind]: rate } : undefined;
}

/** `3:p0217`, a trouble code at a kilometre of each trip; undefined for anything else. */
export function readScriptedDtc(text: string): ScriptedEvent | undefined {
  const [km = '', code = '', ...more] = text.split(':').map((part) => part.trim());
  const at = Number(km) * 1000;
  if (km === '' || !(at >= 0 && Number.isFinite(at)) || more.length > 0) return undefined;
  const read = readTroubleCode(code);
  return read === undefined ? undefined : { at, kind: 'dtc', code: read };
}

/** `p1734` → `P1734`; undefined if it is not a trouble code. */
export function readTroubleCode(text: string): string | undefined {
  const code = troubleCodeSchema.safeParse(text.trim().toUpperCase());
  return code.success ? code.data : undefined;
}
