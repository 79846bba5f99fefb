// events.mjs - quality against the number of events on the device: MovieLens 100K, a fifth of each person's films held back,
// people folded from their newest 1, 3, 10, 50 films and from all, each family; beside it the person as training left
// him, where training leaves one. results.mjs calls it; the picture goes to docs/images/events.svg, the table to docs/evaluation.md.

const BLEND = 'als.feedback=implicit';
/** Families, each with its settings, a colour, further words and what it is called; those that the program does not have are left out. */
const FAMILIES = [
  ['als', '', '#2b3a8f'], ['item-knn', '', '#c2410c'], ['rp3', '', '#0f766e'], ['user-knn', '', '#a16207'], ['ease', '', '#7c3aed'],
  ['slim', '', '#be185d'], ['spectral', '', '#0369a1'], ['pure-svd', '', '#4d7c0f'], ['bpr', '', '#b91c1c'], ['warp', '', '#15803d'],
  ['simplex', '', '#6d28d9'], ['item2vec', '', '#92400e'], ['gru', 'epochs=20', '#475569'], ['lstm', 'epochs=20', '#0891b2'],
  ['svd', '', '#ca8a04'], ['svdpp', '', '#9f1239'], ['nmf', '', '#65a30d'], ['slope-one', '', '#78716c'], ['hybrid', BLEND, '#111827', ['--members', 'als,ease,popular,rp3'], 'als + ease + popular + rp3'],
  ['hybrid', BLEND, '#db2777', ['--members', 'als,popular'], 'als + popular'], ['popular', '', '#9ca3af'],
];
const LENGTHS = [1, 3, 10, 50];
export const FILES = ['ml-100k/u.data'];
const METRIC = 'ndcg@20';

/** The words of each family's measurement: [label, colour, arguments]. `trainers`: what `train --help` lists. */
export function measurements(has) {
  return FAMILIES.filter(([family]) => has(family)).map(([family, settings, colour, more = [], label = family]) => [label, colour, ['eval', '--train', family,
    ...(has(family).includes('feedback ') ? ['--set', 'feedback=implicit'] : []), ...settings.split(' ').filter(Boolean).flatMap((s) => ['--set', s]),
    ...more, '--events', FILES[0], '--format', 'ratings', '--split', 'random:20%', '--history-events', LENGTHS.join(','), '--trained-person', '--metrics', METRIC]]);
}

/** What one measurement says: the figures of LENGTHS, of all events, and of the trained person (or null). */
export function line(json) {
  const value = (metrics) => metrics[METRIC].value;
  return { folded: [...json.rows.map((row) => value(row.metrics)), value(json.metrics)], person: json.trained_person ? value(json.trained_person.metrics) : null };
}

const LABELS = [...LENGTHS.map(String), 'all'];
const figure = (x) => (x == null ? '-' : x.toFixed(4).replace(/^0\./, '.'));

/** lines: [family, colour, { folded, person }] */
export function table(lines) {
  return [`| ${METRIC.toUpperCase()}, folded from | ${LABELS.join(' | ')} | trained person |`, `|${' --- |'.repeat(LABELS.length + 2)}`,
    ...lines.map(([family, , { folded, person }]) => `| ${family} | ${folded.map(figure).join(' | ')} | ${figure(person)} |`)].join('\n');
}

const WIDTH = 900, HEIGHT = 620, LEFT = 64, RIGHT = 290, TOP = 56, BOTTOM = 60;

export function picture(lines) {
  const most = Math.max(...lines.flatMap(([, , { folded, person }]) => [...folded, person ?? 0])) * 1.05;
  const x = (i) => LEFT + (i / LABELS.length) * (WIDTH - LEFT - RIGHT);
  const y = (v) => HEIGHT - BOTTOM - (v / most) * (HEIGHT - TOP - BOTTOM);
  const out = [`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="13" fill="#1f2430">`,
    '<rect width="100%" height="100%" fill="#fbfaf7"/>', `<text x="16" y="24" font-size="15" font-weight="bold">${METRIC.toUpperCase()} against the number of events on the device (MovieLens 100K)</text>`,
    '<text x="16" y="42" fill="#6b7280">lines: folded from the newest events; rings: the person as training left him</text>'];
  for (let v = 0; v <= most; v += 0.1) {
    out.push(`<line x1="${LEFT}" x2="${x(LABELS.length)}" y1="${y(v).toFixed(1)}" y2="${y(v).toFixed(1)}" stroke="#e5e7eb"/><text x="${LEFT - 8}" y="${(y(v) + 4).toFixed(1)}" text-anchor="end">${v.toFixed(1)}</text>`);
  }
  [...LABELS, 'trained'].forEach((label, i) => out.push(`<text x="${x(i).toFixed(1)}" y="${HEIGHT - BOTTOM + 22}" text-anchor="middle">${label}</text>`));
  out.push(`<text x="${x(2).toFixed(1)}" y="${HEIGHT - 14}" text-anchor="middle" fill="#6b7280">events that the person is folded from</text>`);
  const ordered = [...lines].sort((a, b) => b[2].folded.at(-1) - a[2].folded.at(-1));
  ordered.forEach(([family, colour, { folded, person }], i) => {
    const points = folded.map((v, k) => `${x(k).toFixed(1)},${y(v).toFixed(1)}`), at = TOP + 14 + i * 24;
    out.push(`<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const point of points) out.push(`<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${colour}"/>`);
    if (person != null) out.push(`<circle cx="${x(LABELS.length).toFixed(1)}" cy="${y(person).toFixed(1)}" r="5" fill="none" stroke="${colour}" stroke-width="2"/>`);
    out.push(`<rect x="${WIDTH - RIGHT + 40}" y="${at - 9}" width="14" height="4" fill="${colour}"/><text x="${WIDTH - RIGHT + 62}" y="${at - 2}">${family} ${figure(folded.at(-1))}${person == null ? '' : `, trained ${figure(person)}`}</text>`);
  });
  return `${out.join('\n')}\n</svg>\n`;
}
