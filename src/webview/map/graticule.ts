import type { Feature, FeatureCollection } from 'geojson';
import { MERCATOR_MOST, type Box } from './geometry.ts';

/** Degrees between two lines. The coarsest step with enough visible lines is used. */
const STEPS = [30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const LEAST_LINES = 4;
const MOST_LINES = 60;

/** Abbreviations in the editor's language. */
export interface CompassLetters {
  north: string;
  east: string;
  south: string;
  west: string;
}

/** The visible grid of meridians and parallels, with labels at the left and top edges. */
export function graticule([west, south, east, north]: Box, letters: CompassLetters): FeatureCollection {
  const step = STEPS.find((degrees) => (east - west) / degrees >= LEAST_LINES) ?? 0.001;
  const digits = step >= 1 ? 0 : Math.ceil(-Math.log10(step));
  const features: Feature[] = [];
  // A label at the very edge would be clipped.
  const inside = (value: number, low: number, high: number): boolean =>
    value > low + (high - low) * 0.05 && value < high - (high - low) * 0.05;
  const from = Math.max(-540, west - step);
  const to = Math.min(540, east + step);
  for (const longitude of multiples(from, to, step)) {
    features.push(
      line(
        [longitude, Math.max(-MERCATOR_MOST, south - step)],
        [longitude, Math.min(MERCATOR_MOST, north + step)],
      ),
    );
    const shown = ((((longitude + 180) % 360) + 360) % 360) - 180;
    if (inside(longitude, west, east)) {
      features.push(
        text([longitude, north], degrees(shown, digits, letters.east, letters.west), 'top', [0, 0.3]),
      );
    }
  }
  const low = Math.max(-MERCATOR_MOST, south - step);
  const high = Math.min(MERCATOR_MOST, north + step);
  for (const latitude of multiples(low, high, step)) {
    features.push(line([from, latitude], [to, latitude]));
    if (inside(latitude, south, north)) {
      features.push(
        text([west, latitude], degrees(latitude, digits, letters.north, letters.south), 'left', [0.4, 0]),
      );
    }
  }
  return { type: 'FeatureCollection', features };
}

function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.min(MOST_LINES, Math.floor(to / step) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

function degrees(value: number, digits: number, positive: string, negative: string): string {
  const text = `${Math.abs(value).toFixed(digits)}°`;
  return Number(value.toFixed(digits)) === 0 ? text : `${text} ${value > 0 ? positive : negative}`;
}

function line(...coordinates: [number, number][]): Feature {
  return { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } };
}

function text(
  coordinates: [number, number],
  label: string,
  anchor: string,
  offset: [number, number],
): Feature {
  return {
    type: 'Feature',
    properties: { text: label, anchor, offset },
    geometry: { type: 'Point', coordinates },
  };
}
