/* global document, performance, window, requestAnimationFrame, fetch, Blob */
// Ways to draw many moving vehicles, beside the one the product has: bundled and run in a browser by map.ts.
import { Map as Renderer, setWorkerUrl } from 'maplibre-gl';

const WIDTH = 1000;
const HEIGHT = 750;
const CENTER = [-122.2, 37.72];

function positions(count, tick) {
  return Array.from({ length: count }, (_, i) => {
    const ring = 0.02 + (i % 97) * 0.004;
    const angle = i * 2.399963 + tick * 0.01;
    return [CENTER[0] + ring * Math.cos(angle), CENTER[1] + ring * Math.sin(angle), (angle * 57.3) % 360];
  });
}

function collection(count, tick) {
  return {
    type: 'FeatureCollection',
    features: positions(count, tick).map(([x, y, turn], id) => ({
      type: 'Feature',
      id,
      properties: { turn },
      geometry: { type: 'Point', coordinates: [x, y] },
    })),
  };
}

/** An arrow that points north. */
function arrow(context) {
  context.beginPath();
  context.moveTo(0, -10);
  context.lineTo(8, 9);
  context.lineTo(0, 5);
  context.lineTo(-8, 9);
  context.closePath();
}

const layers = {
  symbols: [
    {
      id: 'v',
      type: 'symbol',
      source: 'v',
      filter: ['!', ['has', 'point_count']],
      layout: {
        'icon-image': 'arrow',
        'icon-rotate': ['get', 'turn'],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    },
  ],
  circles: [{ id: 'v', type: 'circle', source: 'v', paint: { 'circle-radius': 4, 'circle-color': '#8d8' } }],
};
layers.groups = [
  ...layers.symbols,
  {
    id: 'g',
    type: 'circle',
    source: 'v',
    filter: ['has', 'point_count'],
    paint: { 'circle-radius': 18, 'circle-color': '#48f' },
  },
  {
    id: 'n',
    type: 'symbol',
    source: 'v',
    filter: ['has', 'point_count'],
    layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-size': 11, 'text-allow-overlap': true },
  },
];

async function withRenderer(kind, count, seconds, place) {
  const map = new Renderer({
    container: place,
    center: CENTER,
    zoom: 9.5,
    fadeDuration: 0,
    attributionControl: false,
    style: { version: 8, sources: {}, layers: [] },
  });
  await new Promise((resolve) => map.once('style.load', resolve));
  const canvas = Object.assign(document.createElement('canvas'), { width: 26, height: 26 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.translate(13, 13);
  context.fillStyle = '#8d8';
  arrow(context);
  context.fill();
  map.addImage('arrow', context.getImageData(0, 0, 26, 26));
  map.addSource('v', {
    type: 'geojson',
    data: collection(count, 0),
    cluster: kind === 'groups',
    clusterRadius: 44,
    clusterMaxZoom: 11,
  });
  for (const layer of layers[kind]) map.addLayer(layer);
  await map.once('idle');
  let shown = 0;
  const started = performance.now();
  for (let tick = 1; performance.now() - started < seconds * 1000; tick++) {
    const rendered = new Promise((resolve) => map.once('render', resolve));
    await map.getSource('v').setData(collection(count, tick));
    await rendered;
    shown += 1;
  }
  const took = performance.now() - started;
  map.remove();
  return shown / (took / 1000);
}

/** One canvas, every vehicle drawn again at each step; nothing below it. */
async function withCanvas(count, seconds, place) {
  const canvas = place.appendChild(
    Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT }),
  );
  const context = canvas.getContext('2d');
  const scale = 700;
  let shown = 0;
  const started = performance.now();
  for (let tick = 1; performance.now() - started < seconds * 1000; tick++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = '#8d8';
    for (const [x, y, turn] of positions(count, tick)) {
      context.setTransform(
        1,
        0,
        0,
        1,
        WIDTH / 2 + (x - CENTER[0]) * scale,
        HEIGHT / 2 - (y - CENTER[1]) * scale,
      );
      context.rotate((turn / 180) * Math.PI);
      arrow(context);
      context.fill();
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    shown += 1;
  }
  const took = performance.now() - started;
  canvas.remove();
  return shown / (took / 1000);
}

window.measureRenderer = async (kind, count, seconds) => {
  const text = await (await fetch('/maplibre-gl-worker.mjs')).text();
  setWorkerUrl(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
  const place = document.getElementById('place');
  return kind === 'canvas' ? withCanvas(count, seconds, place) : withRenderer(kind, count, seconds, place);
};
