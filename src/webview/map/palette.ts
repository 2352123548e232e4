import type { Condition } from '../fleet/vehicle.ts';

type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** The map's colors, derived from the editor's theme, as CSS colors. */
export interface Palette {
  /** Whether it is a high-contrast theme: outlines instead of tones. */
  contrast: boolean;
  sea: string;
  land: string;
  urban: string;
  coast: string;
  border: string;
  state: string;
  river: string;
  grid: string;
  label: string;
  labelFaint: string;
  halo: string;
  route: string;
  routeCasing: string;
  selection: string;
  cluster: string;
  clusterText: string;
  clusterBad: string;
  symbolEdge: string;
  vehicle: Record<Condition, string>;
  /** From slow to fast. */
  speeds: readonly string[];
  font: string;
}

/** Reads the current theme of the page. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const color = (name: string, otherwise: Rgba): Rgba =>
    parseColor(style.getPropertyValue(`--vscode-${name}`)) ?? otherwise;
  const { classList } = document.body;
  const light = classList.contains('vscode-light') || classList.contains('vscode-high-contrast-light');
  const contrast =
    classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');

  const background = color('editor-background', light ? [255, 255, 255, 1] : [30, 30, 30, 1]);
  const foreground = color('editor-foreground', light ? [51, 51, 51, 1] : [204, 204, 204, 1]);
  const chart = (name: string, otherwise: Rgba): Rgba => color(`charts-${name}`, otherwise);
  const blue = chart('blue', [55, 148, 255, 1]);
  const green = chart('green', [137, 209, 133, 1]);
  const yellow = chart('yellow', [204, 167, 0, 1]);
  const orange = chart('orange', [209, 134, 22, 1]);
  const red = chart('red', [241, 76, 76, 1]);
  const purple = chart('purple', [177, 128, 215, 1]);
  const focus = color('focusBorder', blue);
  const button = color('button-background', blue);

  const tone = (part: number): Rgba => mix(background, foreground, part);
  const sea = contrast ? background : mix(background, blue, light ? 0.14 : 0.07);
  return {
    contrast,
    sea: css(sea),
    land: css(contrast ? tone(0.1) : light ? mix(background, foreground, 0.025) : tone(0.1)),
    urban: css(contrast ? tone(0.22) : tone(light ? 0.1 : 0.17)),
    coast: css(contrast ? foreground : tone(light ? 0.3 : 0.32)),
    border: css(contrast ? foreground : tone(0.48)),
    state: css(tone(contrast ? 0.6 : 0.28)),
    river: css(contrast ? tone(0.4) : mix(sea, blue, 0.22)),
    grid: css(tone(contrast ? 0.45 : 0.2)),
    label: css(contrast ? foreground : tone(0.82)),
    labelFaint: css(contrast ? foreground : tone(0.6)),
    halo: css(background),
    route: css(contrast ? foreground : color('descriptionForeground', tone(0.7))),
    routeCasing: css(background),
    selection: css(contrast ? color('contrastActiveBorder', focus) : focus),
    cluster: css(contrast ? background : button),
    clusterText: css(contrast ? foreground : color('button-foreground', [255, 255, 255, 1])),
    clusterBad: css(red),
    symbolEdge: css(contrast ? background : light ? [255, 255, 255, 1] : mix(background, [0, 0, 0, 1], 0.4)),
    vehicle: {
      driving: css(green),
      watched: css(blue),
      earlier: css(tone(contrast ? 0.8 : 0.55)),
      paused: css(yellow),
      waiting: css(tone(0.7)),
      ended: css(tone(0.7)),
      offline: css(orange),
      failed: css(red),
    },
    speeds: [purple, blue, green, yellow, red].map(css),
    font: style.getPropertyValue('--vscode-font-family').trim() || 'sans-serif',
  };
}

let probe: HTMLElement | undefined;

/** Parses any CSS color that the browser supports; undefined if it is not a color. */
function parseColor(text: string): Rgba | undefined {
  if (text.trim() === '') return undefined;
  probe ??= document.body.appendChild(Object.assign(document.createElement('span'), { hidden: true }));
  // In forced colors, such as the contrast themes of Windows, every color would be read as that of the system's text.
  probe.style.setProperty('forced-color-adjust', 'none');
  probe.style.color = '';
  probe.style.color = text.trim();
  const numbers =
    getComputedStyle(probe)
      .color.match(/[\d.]+/g)
      ?.map(Number) ?? [];
  const [red, green, blue, alpha = 1] = numbers;
  if (probe.style.color === '' || red === undefined || green === undefined || blue === undefined)
    return undefined;
  return [red, green, blue, alpha];
}

/** Mixes this fraction of `b` over `a`, taking the opacity of `b` into account. */
function mix(a: Rgba, b: Rgba, part: number): Rgba {
  const share = part * b[3];
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share, 1];
}

function css([red, green, blue, alpha]: Rgba): string {
  return `rgba(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)}, ${alpha})`;
}
