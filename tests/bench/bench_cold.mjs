#!/usr/bin/env node
// bench_cold.mjs - new items: a fifth of the items (by hash) leaves training; each person with five events of the others ranks one
// new item that he liked among it and 99 new items that he never met. Prints the table of docs/results.md, "Content and cold start".
//
//   node tests/bench/bench_cold.mjs [ml|bx]     data in ../shared/data or $INKLING_DATA, the command in $INKLING_BIN or build/inkling,
//                                               the package built (web/dist)
//
// All that is drawn is drawn by SHA-256 of names, so the same data give the same figures. `--part val` measures on another
// fifth, which then leaves training too: that is where settings were chosen.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = process.env.INKLING_DATA ?? join(root, '../shared/data'), program = process.env.INKLING_BIN ?? join(root, 'build/inkling');
const { addItems } = await import(join(process.env.INKLING_DIST ?? join(root, 'web/dist'), 'add_items.js'));
const folder = join(root, 'build/cold');
const draw = (words) => createHash('sha256').update(words).digest().readUInt32LE(0) / 2 ** 32;
const part = process.argv.includes('val') ? 'val' : 'test';

/** Rows of comma-separated text with quotes. */
function csv(text) {
  return text.split(/\r?\n/).filter(Boolean).map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => (
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)).slice(0, line.endsWith(',') ? undefined : -1));
}

const entities = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" };
const plain = (s) => s.replace(/&(\w+);?/g, (all, name) => entities[name] ?? all).trim();
const tag = (s) => plain(s).toLowerCase().replaceAll('|', ' ');

/** events: [user, item, rating or undefined]; items: [id, { column: text or tags }] */
const SETS = {
  ml() {
    const read = (name) => csv(readFileSync(join(data, 'ml-latest-small', name), 'utf8')).slice(1), tags = new Map();
    for (const [, item, word] of read('tags.csv')) tags.set(item, (tags.get(item) ?? new Set()).add(tag(word)));
    return {
      title: 'MovieLens latest-small (titles, genres, tags that people gave)', liked: 4, words: ['--liked-from', '3.5'],
      events: read('ratings.csv').map(([user, item, rating]) => [user, item, rating]),
      items: read('movies.csv').map(([id, title, genres]) => [id, { title, genres: genres === '(no genres listed)' ? [] : genres.split('|'), tags: [...tags.get(id) ?? []].sort() }]),
    };
  },
  bx() {
    const read = (name) => gunzipSync(readFileSync(join(data, 'book-crossing', name))).toString('utf8').split('\n').slice(0), seen = new Set();
    const rows = read('items_info.dat.gz').slice(1).map((line) => line.split('\t')).filter((f) => f.length > 5 && /^\d+$/.test(f[0]) && !seen.has(f[0]) && seen.add(f[0]));
    return {
      title: 'Book-Crossing, reduced (titles, authors, publishers)', liked: 0, words: [],
      events: read('book_history.dat.gz').map((line) => line.trim().split(/\s+/)).filter((f) => f.length > 1 && /^\d+$/.test(f[0])).map(([user, item]) => [user, item, undefined]),
      items: rows.map((f) => [f[0], { title: plain(f[2]), author: [tag(f[3])].filter(Boolean), publisher: [tag(f[5])].filter(Boolean) }]),
    };
  },
};

/** Writes the files of one data set; gives their words for the command, and the items that left. */
function cut(name, { liked, events, items }) {
  const fate = (item) => draw(`${name} item ${item}`), left = (item) => fate(item) < (part === 'val' ? 0.4 : 0.2);
  const isNew = (item) => (part === 'val' ? fate(item) >= 0.2 && fate(item) < 0.4 : fate(item) < 0.2);
  const chosen = new Set(events.map(([, item]) => item)), fresh = [...chosen].filter(isNew), people = new Map();
  for (const event of events) people.set(event[0], [...people.get(event[0]) ?? [], event]);
  const test = [], candidates = [];
  for (const [user, all] of people) {
    const good = all.filter(([, item, rating]) => isNew(item) && (rating === undefined || Number(rating) >= liked));
    if (good.length === 0 || all.filter(([, item]) => !left(item)).length < 5) continue;
    const met = new Set(all.map(([, item]) => item)), by = (item) => draw(`${name} ${user} ${item}`);
    const [one] = good.sort((a, b) => by(a[1]) - by(b[1]));
    const others = fresh.filter((item) => !met.has(item)).map((item) => [by(item), item]).sort((a, b) => a[0] - b[0]).slice(0, 99);
    test.push(one);
    candidates.push([user, one[1], ...others.map(([, item]) => item)]);
  }
  const put = (file, lines) => { writeFileSync(join(folder, file), `${lines.join('\n')}\n`); return join(folder, file); };
  const rows = (list) => [list[0]?.[2] === undefined ? 'user,item' : 'user,item,rating', ...list.map((e) => e.filter((x) => x !== undefined).join(','))];
  return {
    fresh: items.filter(([id]) => chosen.has(id) && isNew(id)), people: test.length, train: put(`${name}.train.csv`, rows(events.filter(([, item]) => !left(item)))),
    test: put(`${name}.test.csv`, rows(test)), candidates: put(`${name}.candidates.txt`, candidates.map((c) => c.join(' '))),
    items: put(`${name}.items.jsonl`, items.map(([id, properties]) => JSON.stringify({ id, ...properties }))),
  };
}

const run = (...words) => execFileSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
const figure = (x) => x.toFixed(4).replace(/^0\./, '.');

function measure(name, files, words) {
  let pack = join(folder, `${name}.safetensors`);
  const train = (family, out, ...more) => run('train', ...family.split(' '), '--events', files.train, '--items', files.items, ...words, ...more, '-o', out);
  const shown = (label, model) => {
    const { metrics } = JSON.parse(run('eval', pack, '--model', model, '--history', files.train, '--test', files.test, '--candidates', files.candidates,
      ...words, '--protocol', 'candidates', '--metrics', 'hit@10,ndcg@10', '--bootstrap', '1000', '--json'));
    const cell = ({ value, ci95: [low, high] }) => `${figure(value)} (${figure(low)} to ${figure(high)})`;
    console.log(`| ${label} | ${cell(metrics['hit@10'])} | ${cell(metrics['ndcg@10'])} |`);
  };
  const glove = join(data, 'glove-twitter-25d/vectors.txt.gz');
  for (const [label, family] of [['popular (all tie)', 'popular'], ['content', 'content'], ['content, profile=ridge, regularization=10', 'content --set profile=ridge --set regularization=10'],
    ['warp, item_features=yes, item_bias=yes', 'warp --set item_features=yes --set item_bias=yes'],
    ['bpr, the same and negatives=uniform', 'bpr --set item_features=yes --set item_bias=yes --set negatives=uniform'],
    ['content-vectors, lsa', 'content-vectors'], ['content-vectors, GloVe twitter 25', `content-vectors --set min_df=1 --vectors ${glove}`]]) {
    train(family, pack, '--all-items');
    shown(label, family.split(' ')[0]);
  }
  const [content, als] = ['content', 'als'].map((family) => join(folder, `${name}.${family}.safetensors`)), both = join(folder, `${name}.both.safetensors`);
  train('content', content);
  train('als --set feedback=implicit', als);
  run('pack', '--model', content, '--into', als, '-o', both);
  const start = performance.now();
  writeFileSync(pack = join(folder, `${name}.grown.safetensors`), addItems(readFileSync(both), files.fresh.map(([id, properties]) => ({ id, properties }))));
  console.error(`${files.fresh.length} items added in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  shown('als, new items by `addItems()`', 'als');
}

mkdirSync(folder, { recursive: true });
for (const name of process.argv.slice(2).filter((word) => word in SETS).concat(process.argv.some((word) => word in SETS) ? [] : Object.keys(SETS))) {
  const set = SETS[name](), files = cut(name, set);
  console.log(`\n${set.title}: ${files.people} people, ${files.fresh.length} new items\n\n| | HR@10 | NDCG@10 |\n| --- | --- | --- |`);
  measure(name, files, set.words);
}
