import type { MapRun, MapScene } from '../../protocol/map.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import { h, setAttribute, setHidden, setText } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Vehicle } from '../fleet/vehicle.ts';
import type { Format } from '../base/format.ts';
import { icon, setIcon } from '../base/icons.ts';
import type { Words } from '../base/words.ts';
import { setInUse } from './focus.ts';
import { HeldSlider } from './heldSlider.ts';
import { TroubleCodeForm } from './troubleCodeForm.ts';

const SPEEDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const JUMP_STEPS = 1000;

type Steer = MapScene['steers'][number];

/**
 * Controls for the run: for the selected vehicles, or all when none is or that is chosen. Shows only controls that have
 * an effect.
 */
export class Controls {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #format: Format;
  readonly #fleet: Fleet;
  readonly #steer: (control: SimulationControl) => void;
  readonly #scope = h('select');
  readonly #scopeLabel: HTMLElement;
  readonly #scopeAll = h('option', { value: 'all' });
  readonly #scopeOne = h('option', { value: 'one' });
  /** The vehicles that were selected when the scope was last decided. */
  #scopedTo = '';
  readonly #pause: HTMLButtonElement;
  readonly #pauseText = h('span');
  readonly #speed: HeldSlider;
  readonly #jump: HeldSlider;
  readonly #seek: HeldSlider;
  readonly #stop: HTMLButtonElement;
  readonly #dtc: TroubleCodeForm;

  constructor(words: Words, format: Format, fleet: Fleet, steer: (control: SimulationControl) => void) {
    this.#words = words;
    this.#format = format;
    this.#fleet = fleet;
    this.#steer = steer;
    this.#scope.append(this.#scopeAll, this.#scopeOne);
    this.#scopeLabel = h('label', { class: 'scope' }, h('span', {}, words('scope')), this.#scope);
    this.#scope.addEventListener('change', () => this.show());
    this.#pause = h('button', { type: 'button', 'data-steer': 'pause' }, icon('pause'), this.#pauseText);
    this.#pause.addEventListener('click', () =>
      this.#send({ do: this.#paused() || this.#isOver() ? 'resume' : 'pause' }),
    );
    this.#speed = new HeldSlider({
      name: 'speed',
      label: words('speedFactor'),
      most: SPEEDS.length - 1,
      text: (value) => words('speedFactorValue', { factor: format.factor(SPEEDS[value] ?? 1) }),
      chosen: (value) => this.#send({ do: 'speed', factor: SPEEDS[value] ?? 1 }),
    });
    this.#jump = new HeldSlider({
      name: 'jump',
      label: words('jump'),
      most: JUMP_STEPS,
      text: (value) => format.percent(value / JUMP_STEPS),
      chosen: (value) => this.#send({ do: 'jump', to: value / JUMP_STEPS }),
    });
    this.#seek = new HeldSlider({
      name: 'seek',
      label: words('seek'),
      most: JUMP_STEPS,
      text: (value) => this.#playedText(value / JUMP_STEPS),
      chosen: (value) => this.#send({ do: 'jump', to: value / JUMP_STEPS }),
    });
    this.#stop = h(
      'button',
      { type: 'button', class: 'secondary', 'data-steer': 'stop' },
      icon('stop'),
      words('stop'),
    );
    this.#stop.addEventListener('click', () => this.#send({ do: 'stop' }));
    this.#dtc = new TroubleCodeForm(words, (code) => this.#send({ do: 'dtc', code }));
    this.element = h(
      'section',
      { id: 'controls', hidden: true },
      this.#scopeLabel,
      this.#pause,
      this.#stop,
      this.#speed.element,
      this.#jump.element,
      this.#seek.element,
      this.#dtc.element,
    );
  }

  /** Those that are selected, while they are meant. */
  #some(): readonly Vehicle[] {
    return this.#scope.value === 'one' ? this.#fleet.chosen : [];
  }

  #send(control: SimulationControl): void {
    // After the end of the run, a control that still has the focus can be pressed.
    if (this.#isOver() && !this.#isRecording()) return;
    const ids = this.#some().map(({ id }) => id);
    // The vehicle that was meant is gone: that does not mean all.
    if (ids.length === 0 && this.#scope.value === 'one') return;
    this.#steer(ids.length > 0 ? { ...control, ids } : control);
  }

  #isOver(): boolean {
    return isOver(this.#fleet.run);
  }

  /** Can be played again after its end. */
  #isRecording(): boolean {
    return this.#fleet.scene?.source === 'recording';
  }

  /** Where in the recording a fraction of it is, and how long it is. */
  #playedText(fraction: number): string {
    const { length = 0 } = this.#fleet.run?.played ?? {};
    return `${minutes(fraction * length)} / ${minutes(length)}`;
  }

  #paused(): boolean {
    const some = this.#some();
    if (some.length === 0) return this.#fleet.run?.state === 'paused';
    // Of several, those that can be paused are.
    return some.every(({ now }) => now.phase === 'paused');
  }

  #fraction(): number {
    const some = this.#some();
    const vehicles = some.length > 0 ? some : this.#fleet.vehicles;
    let sum = 0;
    let count = 0;
    for (const { now } of vehicles) {
      if (now.fraction === undefined) continue;
      sum += now.fraction;
      count += 1;
    }
    return count === 0 ? 0 : sum / count;
  }

  /** Pauses or resumes. Called for Space on the map. */
  togglePause(): void {
    // The key may arrive before the next scheduled update.
    this.show();
    if (!this.#pause.hidden && !this.#pause.disabled) this.#pause.click();
  }

  /** A recording is played as a whole, and a single vehicle is all. */
  #hasScope(): boolean {
    return this.#fleet.scene?.source === 'simulation' && this.#fleet.vehicles.length > 1;
  }

  /** Who selects vehicles means them, until all are chosen again. */
  #followSelection(): void {
    const ids = this.#hasScope() ? this.#fleet.chosen.map(({ id }) => id) : [];
    const now = ids.join('\n');
    this.#scopeOne.disabled = ids.length === 0;
    if (now !== this.#scopedTo) this.#scope.value = ids.length === 0 ? 'all' : 'one';
    this.#scopedTo = now;
  }

  show(): void {
    const { scene, run, chosen, vehicles } = this.#fleet;
    const steers: readonly Steer[] = scene?.steers ?? [];
    setHidden(this.element, steers.length === 0);
    if (steers.length === 0) return;
    this.#followSelection();
    setHidden(this.#scopeLabel, !this.#hasScope());
    setText(this.#scopeAll, this.#words('scopeAllCount', { count: this.#format.count(vehicles.length) }));
    const [first, second] = chosen;
    const count = this.#format.count(chosen.length);
    const several = this.#words('scopeChosen', { count });
    setText(this.#scopeOne, second === undefined ? (first?.vin ?? '–') : several);
    const [only, another] = vehicles.length === 1 ? vehicles : this.#some();
    const scope = another === undefined ? (only?.vin ?? this.#words('scopeAll')) : several;
    setAttribute(this.element, 'aria-label', this.#words('controlsOf', { scope }));

    const over = isOver(run);
    const paused = this.#paused();
    const again = over && this.#isRecording();
    setHidden(this.#pause, !steers.includes('pause'));
    setText(this.#pauseText, this.#words(again ? 'playAgain' : paused ? 'resume' : 'pause'));
    setAttribute(
      this.#pause,
      'title',
      this.#words(again ? 'playAgain' : paused ? 'resumeOf' : 'pauseOf', { scope }),
    );
    setIcon(this.#pause, paused || again ? 'resume' : 'pause');
    setHidden(this.#stop, !steers.includes('stop'));
    setAttribute(this.#stop, 'title', this.#words('stopOf', { scope }));
    this.#dtc.show(steers.includes('dtc'), !over, scope);
    setHidden(this.#speed.element, !steers.includes('speed'));
    setHidden(this.#jump.element, !steers.includes('jump'));
    const { played } = run ?? {};
    setHidden(this.#seek.element, !steers.includes('seek') || played === undefined);
    this.#speed.show(
      nearest(run?.speed ?? 1),
      this.#words('speedFactorValue', { factor: this.#format.factor(run?.speed ?? 1) }),
    );
    const fraction = this.#fraction();
    this.#jump.show(Math.round(fraction * JUMP_STEPS), this.#format.percent(fraction));
    const at = played === undefined || played.length === 0 ? 0 : Math.min(1, played.at / played.length);
    this.#seek.show(Math.round(at * JUMP_STEPS), this.#playedText(at));
    for (const control of this.element.querySelectorAll<HTMLInputElement | HTMLButtonElement>(
      'button, input',
    )) {
      setInUse(control, !over || (again && control !== this.#stop));
    }
  }
}

function isOver(run: MapRun | undefined): boolean {
  return run?.state === 'ended' || run?.state === 'failed';
}

/** Such as `5:09`. */
function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The slider position nearest to a factor, on a logarithmic scale. */
function nearest(factor: number): number {
  let best = 0;
  SPEEDS.forEach((speed, i) => {
    const distance = Math.abs(Math.log(speed / factor));
    if (distance < Math.abs(Math.log((SPEEDS[best] ?? 1) / factor))) best = i;
  });
  return best;
}
