// plot.mjs - the scan table of bench_scan.mjs as one picture: time of an exact top 10 over the fastest read of the same
// bytes, a bar a row, with the target as a line. SVG by hand: four rectangles need no library.

const WIDTH = 720, LEFT = 190, BAR = 22, GAP = 10, MOST = 3;
const x = (ratio) => LEFT + (Math.min(ratio, MOST) / MOST) * (WIDTH - LEFT - 70);
const escape = (s) => s.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

/** Rows of bench_scan.mjs --json; those without a read limit (certified scans) are shown against f32 elsewhere. */
export function plot(rows) {
  const bars = rows.filter((row) => row['top10/read']).map((row) => ({ name: row.rows, ratio: parseFloat(row['top10/read']) }));
  const height = 70 + bars.length * (BAR + GAP);
  const lines = bars.map(({ name, ratio }, i) => {
    const y = 46 + i * (BAR + GAP), colour = name.startsWith('f32') ? '#2b3a8f' : name.startsWith('int8') ? '#c2410c' : '#8a94c9';
    return `<text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`
      + `<rect x="${LEFT}" y="${y}" width="${(x(ratio) - LEFT).toFixed(1)}" height="${BAR}" rx="3" fill="${colour}"/>`
      + `<text x="${(x(ratio) + 6).toFixed(1)}" y="${y + 15}">${ratio.toFixed(2)}</text>`;
  });
  const line = x(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13" fill="#1f2430">
<rect width="100%" height="100%" fill="#fbfaf7"/>
<text x="16" y="24" font-size="15" font-weight="bold">Exact top 10 in wasm, over the fastest read of the same bytes (1 = the machine's limit)</text>
<line x1="${line}" x2="${line}" y1="36" y2="${height - 14}" stroke="#1f2430" stroke-dasharray="4 4"/>
${lines.join('\n')}
</svg>
`;
}
