// cover.ts - covers drawn from genre, title and year: a palette and a motif for each kind of film, varied by the film's id.
// Only numbers and colours go into the drawing; the title is set as text on top, so it can be read, scaled and spoken.

import { h } from './dom.js';
import { leadGenre, type Film } from './films.js';
import { genreName } from './text.js';

interface Palette { readonly from: string; readonly to: string; readonly a: string; readonly b: string; readonly ink: string }
type Random = () => number;
type Motif = (r: Random, p: Palette) => string;

const P = (from: string, to: string, a: string, b: string, ink = '#fff'): Palette => ({ from, to, a, b, ink });

const PALETTES: Readonly<Record<string, Palette>> = {
  'Action': P('#b8321f', '#57101a', '#ff8a4c', '#ffd2a1'),
  'Adventure': P('#12705f', '#0b3a48', '#f0c04f', '#4fa58c'),
  'Animation': P('#f2814a', '#c63a74', '#ffe08a', '#ffb3a0'),
  'Children': P('#3f9fd4', '#2a5fb8', '#ffd95a', '#a5dcf5'),
  'Comedy': P('#f4c04e', '#e3923a', '#fff3cf', '#c8562b', '#3a2206'),
  'Crime': P('#343847', '#12141c', '#c9a23a', '#6b7186'),
  'Documentary': P('#d9d5cb', '#aaa698', '#5f5b4f', '#8a8678', '#2b2922'),
  'Drama': P('#6f3049', '#331529', '#dc97a8', '#a5566f'),
  'Fantasy': P('#51419e', '#221a52', '#ecd98f', '#8f7fe0'),
  'Film-Noir': P('#2a2a2c', '#060607', '#d9d4c8', '#6d6a64'),
  'Horror': P('#460d10', '#0b0304', '#cf1c22', '#7d1216'),
  'Musical': P('#c23c80', '#5f1d66', '#ffd3e6', '#f58fbb'),
  'Mystery': P('#235069', '#0a1c2a', '#86cfd0', '#3f7f92'),
  'Romance': P('#e0707f', '#8f2f52', '#ffd0ca', '#f49aa0'),
  'Sci-Fi': P('#172f73', '#060a24', '#63d3ff', '#8f8cff'),
  'Thriller': P('#2b3b44', '#0b1418', '#e65f43', '#56707c'),
  'War': P('#5b5f3a', '#23261a', '#d3c895', '#888c5e'),
  'Western': P('#d67a37', '#7c3119', '#ffe0ab', '#a94a22'),
  'Other': P('#77716a', '#2f2c29', '#e8e2d8', '#a39c92'),
};

const n = (x: number): string => x.toFixed(1);
const between = (r: Random, low: number, high: number): number => low + r() * (high - low);
const times = (count: number, one: (i: number) => string): string => Array.from({ length: count }, (_, i) => one(i)).join('');
const circle = (x: number, y: number, radius: number, fill: string, opacity = 1): string => `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="${fill}" opacity="${opacity}"/>`;
const ring = (x: number, y: number, radius: number, stroke: string, width: number, opacity = 1): string => (
  `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="none" stroke="${stroke}" stroke-width="${n(width)}" opacity="${opacity}"/>`);
const path = (d: string, fill: string, opacity = 1): string => `<path d="${d}" fill="${fill}" opacity="${opacity}"/>`;
const line = (d: string, stroke: string, width: number, opacity = 1): string => `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${n(width)}" stroke-linecap="round" opacity="${opacity}"/>`;

function ridge(r: Random, y: number, rough: number, fill: string, opacity: number): string {
  let d = `M0 300V${n(y)}`;
  for (let x = 0; x <= 200; x += 25) d += `L${x} ${n(y + between(r, -rough, rough))}`;
  return path(`${d}V300Z`, fill, opacity);
}

const MOTIFS: Readonly<Record<string, Motif>> = {
  'Action': (r, p) => { const x = between(r, 20, 90); return times(6, (i) => path(`M${n(x + i * 24)} -10l${n(between(r, 10, 26))} 0l-120 230l-${n(between(r, 6, 18))} 0z`, i % 2 ? p.a : p.b, 0.25 + 0.1 * (i % 4))); },
  'Adventure': (r, p) => circle(between(r, 50, 150), between(r, 55, 95), between(r, 22, 34), p.a, 0.95) + ridge(r, 150, 26, p.b, 0.55) + ridge(r, 185, 22, p.to, 0.6) + ridge(r, 220, 14, p.to, 0.9),
  'Animation': (r, p) => times(5, (i) => circle(between(r, 10, 190), between(r, 20, 190), between(r, 22, 58), i % 2 ? p.a : p.b, 0.55)) + circle(between(r, 60, 140), between(r, 80, 130), 14, '#fff', 0.9),
  'Children': (r, p) => times(4, (i) => { const x = 35 + i * 44, y = between(r, 45, 120), s = between(r, 20, 30); return line(`M${n(x)} ${n(y + s)}q${n(between(r, -14, 14))} 50 0 110`, '#fff', 1.4, 0.6) + circle(x, y, s, i % 2 ? p.a : p.b, 0.9); }),
  'Comedy': (r, p) => times(26, () => circle(between(r, 0, 200), between(r, 0, 190), between(r, 2, 7), r() < 0.5 ? p.a : p.b, 0.8)) + line(`M55 ${n(between(r, 90, 110))}q45 ${n(between(r, 50, 80))} 90 0`, p.ink, 9, 0.9),
  'Crime': (r, p) => { const x = between(r, 70, 130), y = between(r, 80, 120); return times(9, (i) => line(`M${n(x - 12 - i * 7)} ${n(y + 40 + i * 5)}a${n(14 + i * 8)} ${n(18 + i * 10)} 0 1 1 ${n(24 + i * 14)} ${n(between(r, -6, 6))}`, p.a, 3, 0.85 - i * 0.06)); },
  'Documentary': (r, p) => times(7, (i) => times(5, (j) => (r() < 0.45 ? '' : `<rect x="${16 + j * 35}" y="${18 + i * 27}" width="28" height="${n(between(r, 2, 20))}" fill="${r() < 0.25 ? p.a : p.b}" opacity="0.8"/>`))),
  'Drama': (r, p) => times(4, (i) => `<rect x="${n(between(r, -10, 90))}" y="${n(between(r, 10, 110))}" width="${n(between(r, 60, 110))}" height="${n(between(r, 70, 120))}" fill="${i % 2 ? p.a : p.b}" opacity="0.38"/>`),
  'Fantasy': (r, p) => { const x = between(r, 65, 135), y = between(r, 70, 105); return circle(x, y, 38, p.a, 0.95) + circle(x + 15, y - 8, 33, p.from) + times(22, () => circle(between(r, 0, 200), between(r, 0, 200), between(r, 0.6, 2.2), p.a, 0.9)) + ridge(r, 225, 20, p.b, 0.35); },
  'Film-Noir': (r, p) => { const tilt = between(r, -16, 16); return circle(between(r, 60, 140), 105, 62, p.a, 0.9) + times(11, (i) => path(`M-10 ${n(i * 20)}L210 ${n(i * 20 + tilt)}v11L-10 ${n(i * 20 + 11)}z`, p.to, 0.92)); },
  'Horror': (r, p) => times(8, (i) => path(`M${n(i * 27 - 8)} 0L${n(i * 27 + 22)} 0L${n(i * 27 + between(r, -4, 16))} ${n(between(r, 70, 190))}z`, i % 3 ? p.b : p.a, 0.85)) + circle(between(r, 70, 130), 205, 5, p.a) + circle(between(r, 132, 150), 205, 5, p.a),
  'Musical': (r, p) => times(6, (i) => { const y = 40 + i * 24, a = between(r, 10, 26); return line(`M-10 ${y}q27 ${n(-a)} 55 0t55 0t55 0t55 0`, i % 2 ? p.a : p.b, 4, 0.85); }) + times(3, () => circle(between(r, 30, 170), between(r, 40, 160), 9, p.a, 0.95)),
  'Mystery': (r, p) => { const x = between(r, 75, 125), y = between(r, 85, 115); return path(`M${n(x - 78)} ${n(y)}q78 -74 156 0q-78 74 -156 0z`, p.b, 0.55) + ring(x, y, 32, p.a, 4) + circle(x, y, 15, p.a) + circle(x, y, 7, p.to) + times(7, (i) => line(`M${n(x)} ${n(y - 58 - i * 3)}l${n((i - 3) * 14)} -16`, p.a, 1.6, 0.5)); },
  'Romance': (r, p) => { const y = between(r, 85, 115), d = between(r, 22, 36); return circle(100 - d, y, 56, p.a, 0.6) + circle(100 + d, y, 56, p.b, 0.7) + times(8, () => circle(between(r, 0, 200), between(r, 0, 210), between(r, 1.5, 4), '#fff', 0.5)); },
  'Sci-Fi': (r, p) => { const x = between(r, 60, 140), y = between(r, 80, 120), turn = between(r, -35, 35); return times(30, () => circle(between(r, 0, 200), between(r, 0, 230), between(r, 0.5, 1.6), '#fff', 0.8)) + circle(x, y, 34, p.b, 0.95) + circle(x - 10, y - 10, 22, p.a, 0.35) + times(3, (i) => `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${58 + i * 16}" ry="${14 + i * 5}" fill="none" stroke="${p.a}" stroke-width="${2.4 - i * 0.6}" opacity="${0.9 - i * 0.25}" transform="rotate(${n(turn)} ${n(x)} ${n(y)})"/>`); },
  'Thriller': (r, p) => { const x = between(r, 70, 130), y = between(r, 80, 120); return times(8, (i) => ring(x + i * between(r, -2, 2), y + i * between(r, -2, 2), 12 + i * 14, i % 3 === 0 ? p.a : p.b, 3.5, 0.85 - i * 0.07)) + circle(x, y, 5, p.a); },
  'War': (r, p) => times(5, (i) => `<rect x="0" y="${20 + i * 38}" width="200" height="${n(between(r, 8, 24))}" fill="${i % 2 ? p.a : p.b}" opacity="0.45"/>`) + path(`M100 ${n(between(r, 36, 52))}l14 42 44 0-36 26 14 42-36-26-36 26 14-42-36-26 44 0z`, p.a, 0.95),
  'Western': (r, p) => circle(between(r, 60, 140), between(r, 90, 120), 46, p.a, 0.95) + path(`M0 190h34v-${n(between(r, 30, 60))}h38v${n(between(r, 12, 30))}h22v60H0z`, p.to, 0.85) + path(`M200 200h-40v-${n(between(r, 24, 50))}h-34v60H200z`, p.b, 0.9) + ridge(r, 222, 5, p.to, 1),
  'Other': (r, p) => times(5, (i) => ring(between(r, 20, 180), between(r, 20, 180), between(r, 16, 60), i % 2 ? p.a : p.b, between(r, 2, 12), 0.5)),
};

/** A number in [0, 1) again and again, the same for the same text. */
function randomOf(text: string): Random {
  let a = 2166136261;
  for (let i = 0; i < text.length; i++) a = Math.imul(a ^ text.charCodeAt(i), 16777619);
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** A colour turned on the wheel by some degrees, so that two films of a kind are not of one colour. */
function turned(hex: string, degrees: number): string {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255);
  const high = Math.max(r, g, b), low = Math.min(r, g, b), light = (high + low) / 2, spread = high - low;
  if (hex.length !== 7 || spread === 0) return hex;
  const hue = 60 * (high === r ? ((g - b) / spread + 6) % 6 : high === g ? (b - r) / spread + 2 : (r - g) / spread + 4);
  return `hsl(${n((hue + degrees + 360) % 360)} ${n((100 * spread) / (1 - Math.abs(2 * light - 1)))}% ${n(100 * light)}%)`;
}

/** The palette of the telling genre, the motif of any of a film's genres. */
function styleOf(film: Film, r: Random): { palette: Palette; motif: Motif } {
  const base = PALETTES[leadGenre(film.genres)] ?? PALETTES['Other']!, turn = between(r, -16, 16);
  const motifs = film.genres.map((genre) => MOTIFS[leadGenre([genre])]).filter((motif) => motif !== undefined);
  return {
    palette: { ...base, from: turned(base.from, turn), to: turned(base.to, turn), a: turned(base.a, turn / 2), b: turned(base.b, turn) },
    motif: motifs[Math.floor(r() * motifs.length)] ?? MOTIFS['Other']!,
  };
}

let drawn = 0;

function drawing(film: Film): SVGSVGElement {
  const r = randomOf(`${film.id} ${film.title}`), id = `sky${drawn++}`, { palette, motif } = styleOf(film, r);
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 200 300', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true', focusable: 'false' })) svg.setAttribute(key, value);
  const mirror = r() < 0.5 ? ' transform="translate(200 0) scale(-1 1)"' : '';
  svg.innerHTML = `<defs><linearGradient id="${id}" x1="0" y1="0" x2="${n(between(r, -0.3, 0.5))}" y2="1"><stop stop-color="${palette.from}"/><stop offset="1" stop-color="${palette.to}"/></linearGradient>`
    + `<linearGradient id="${id}f" x1="0" y1="0" x2="0" y2="1"><stop offset="0.5" stop-color="${palette.to}" stop-opacity="0"/><stop offset="0.86" stop-color="${palette.to}" stop-opacity="0.94"/></linearGradient></defs>`
    + `<rect width="200" height="300" fill="url(#${id})"/><g${mirror}>${motif(r, palette)}</g><rect width="200" height="300" fill="url(#${id}f)"/>`;
  return svg;
}

/** The colour of the text on a film's cover. */
export const inkOf = (film: Film): string => (PALETTES[leadGenre(film.genres)] ?? PALETTES['Other']!).ink;

/** A cover; `titled` sets title, genre and year on it. Decoration: the name stands in the control that holds it. */
export function cover(film: Film, titled = true): HTMLElement {
  const title = film.short;
  const size = title.length > 38 ? 'long' : title.length > 20 ? 'middle' : 'short';
  const node = h('span', { class: 'cover', 'aria-hidden': 'true' }, drawing(film), titled && h('span', { class: `cover-text ${size}` },
    h('span', { class: 'cover-genre' }, leadGenre(film.genres) === 'Other' ? '' : genreName(leadGenre(film.genres))),
    h('span', { class: 'cover-title' }, title),
    h('span', { class: 'cover-year' }, film.year === null ? '' : String(film.year))));
  node.style.setProperty('--cover-ink', inkOf(film));
  return node;
}
