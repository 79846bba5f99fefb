#!/usr/bin/env node
// results.mjs - the quality tables of docs/results.md, each figure beside the published one: trains and measures every row
// of the table below with the built command line. `./run results` calls it.
//
//   ./run results [WORD...]   only rows that have all of the words (data, family or a setting); `events` is the plot of
//                             events.mjs; all without words
//   --list                    the rows, and which are done
//   --fresh                   forget what was measured before
//   --under "CMD ..."         run each measurement under another command (nice, taskset, a queue)
//   --write                   only write the page from what is done
//
// A row is one line: data set, family, settings, published figures. A finished row is kept in build/results under a key made
// of its words, so a run that was stopped goes on where it was. Data are looked for in ../shared/data or
// $INKLING_DATA, in their published form; what is not there is said and left out.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as events from './events.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = process.env.INKLING_DATA ?? join(root, '../shared/data');
const program = process.env.INKLING_BIN ?? join(root, 'build/inkling');
const kept = join(root, 'build/results'), page = join(root, 'docs/results.md'), eventsPage = join(root, 'docs/evaluation.md');

/** Clicks as sessions: one line each, and one line for each of the first 387 points to be predicted (what came before, and the click). */
function prepareSessions() {
  const sessions = (file) => {
    const found = new Map();
    for (const line of gunzipSync(readFileSync(join(data, file))).toString().trim().split('\n').slice(1)) {
      const [session, item, time] = line.split(/[,\t]/);
      if (!found.has(session)) found.set(session, []);
      found.get(session).push([Number(time), item]);
    }
    return [...found].map(([session, clicks]) => [session, clicks.sort((a, b) => a[0] - b[0]).map(([, item]) => item)]);
  };
  const points = sessions('yoochoose-100k/test.txt.gz').flatMap(([session, items]) => items.slice(1).map((_, p) => `${session}_${p} ${items.slice(0, p + 2).join(' ')}`));
  const places = { SESSIONS: join(kept, 'yoochoose-sessions.txt'), POINTS: join(kept, 'yoochoose-points.txt') };
  mkdirSync(kept, { recursive: true });
  writeFileSync(places.SESSIONS, sessions('yoochoose-100k/train_full.txt.gz').filter(([, items]) => items.length > 1).map(([session, items]) => `${session} ${items.join(' ')}\n`).join(''));
  writeFileSync(places.POINTS, points.slice(0, 387).map((line) => `${line}\n`).join(''));
  return places;
}

/** Each data set: its title, files, the words of the measurement, metrics. `FILE` in words becomes its path. A set with `prepare` is trained (words `train`)
 * and measured in two commands, on the files that it makes. */
const SETS = {
  'gowalla': {
    title: 'gowalla (29,858 people, 40,981 places; all places ranked; NGCF/LightGCN split)', files: ['gowalla/train.txt.gz', 'gowalla/test.txt.gz'],
    words: '--history gowalla/train.txt.gz --test gowalla/test.txt.gz --format adjacency --protocol known-users --trained-person',
    metrics: ['recall@20', 'ndcg@20'] },
  'ncf-ml-1m': {
    title: 'MovieLens 1M, NCF split (6,040 people; the last film among it and 99 listed ones)',
    files: ['ncf-ml-1m/train.tsv.gz', 'ncf-ml-1m/test.rating.gz', 'ncf-ml-1m/test.negative.gz'],
    words: '--history ncf-ml-1m/train.tsv.gz --test ncf-ml-1m/test.rating.gz --candidates ncf-ml-1m/test.negative.gz --format ratings --protocol candidates --trained-person',
    metrics: ['hit@10', 'ndcg@10'] },
  'ml-100k': {
    title: 'MovieLens 100K ratings (five folds of the Surprise benchmark)', files: ['ml-100k/u.data', 'ml-100k/surprise_folds.txt'],
    words: '--events ml-100k/u.data --folds ml-100k/surprise_folds.txt --format ratings --protocol ratings', metrics: ['rmse', 'mae'] },
  'beauty': {
    title: 'Amazon Beauty sequences (22,363 people; the last item among all; S3-Rec split)', files: ['s3rec-beauty/Beauty.txt.gz'],
    words: '--events s3rec-beauty/Beauty.txt.gz --format sequence --split leave-last', metrics: ['hit@10', 'ndcg@10'] },
  'yoochoose': {
    title: 'yoochoose-100k (sessions of the last day; each next click of the 387 points of its reference lists, among all 2,933 items)',
    files: ['yoochoose-100k/train_full.txt.gz', 'yoochoose-100k/test.txt.gz'], prepare: prepareSessions,
    train: '--events SESSIONS --format sequence --seed 1', words: '--test POINTS --format sequence --protocol leave-last --with-seen', metrics: ['hit@20', 'mrr@20'] },
  'ml-next': {
    title: 'MovieLens latest-small, the next film (610 people; the last film among all)', files: ['ml-latest-small/ratings.csv'],
    words: '--events ml-latest-small/ratings.csv --split leave-last', metrics: ['hit@10', 'ndcg@10'] },
  'ml-latest-small': {
    title: 'MovieLens latest-small, people who were not trained on (a fifth of them, folded from four fifths of their films)',
    files: ['ml-latest-small/ratings.csv', 'ml-latest-small/movies.csv'],
    words: '--events ml-latest-small/ratings.csv --items ml-latest-small/movies.csv --items-types title=text,genres=tags --split users:20% --bootstrap 1000',
    metrics: ['recall@20', 'ndcg@20'], intervals: true },
  'book-crossing': {
    title: 'Book-Crossing, people who were not trained on (a fifth of them, folded from four fifths of their books)', files: ['book-crossing/book_history.dat.gz'],
    words: '--events book-crossing/book_history.dat.gz --format tsv --split users:20% --bootstrap 1000',
    metrics: ['recall@20', 'ndcg@20'], intervals: true },
};

/** data, family, settings (those that begin with -- are options), published. Settings other than defaults were chosen on a part held back from training: docs/families. */
const ROWS = [
  ['gowalla', 'popular', '', ''],
  ['gowalla', 'als', '', '.153 / .127 (iALS, 64)'],
  ['gowalla', 'als', 'factors=256', '.174 / .146 (iALS, 256)'],
  ['gowalla', 'item-knn', '', '.1570 / .1214 (ItemCF)'],
  ['gowalla', 'rp3', 'alpha=0.5 beta=0.3 keep=targets', '.1765 / .1467 (EASE)'],
  ['gowalla', 'ease', 'blockwise=yes block=200', '.1765 / .1467 (EASE)'],
  ['gowalla', 'ease', 'memory=4 regularization=100', '.1765 / .1467 (EASE)'],
  ['gowalla', 'slim', 'candidates=200', '.1699 / .1382 (SLIM)'],
  ['gowalla', 'spectral', 'neighbours=1000', '.1849 / .1518 (GF-CF)'],
  ['gowalla', 'spectral', '', '.1849 / .1518 (GF-CF)'],
  ['gowalla', 'bpr', '', '.1627 / .1378 (MF-BPR)'],
  ['gowalla', 'warp', '', '.1627 / .1378 (MF-BPR)'],
  ['gowalla', 'hybrid', '--members=als,spectral,ease,simplex,bpr people=30000 als.factors=256 spectral.neighbours=500 ease.blockwise=yes ease.block=120',
    '.1872 / .1557 (SimpleX)'],
  ['gowalla', 'simplex', '', '.1872 / .1557 (SimpleX)'],
  ['gowalla', 'item2vec', '', '.1326 / .1057 (Item2Vec)'],
  ['ncf-ml-1m', 'popular', '', '.4531 / .2542 (TopPop)'],
  ['ncf-ml-1m', 'als', '', '.720 / .440 (iALS, 64)'],
  ['ncf-ml-1m', 'pure-svd', '', '.6896 / .4294 (PureSVD)'],
  ['ncf-ml-1m', 'pure-svd', 'factors=60 popularity_discount=0', '.6896 / .4294 (PureSVD, 60 factors)'],
  ['ncf-ml-1m', 'item-knn', '', '.6596 / .3900 (ItemKNN)'],
  ['ncf-ml-1m', 'item-knn', 'neighbours=288 shrink=1000 weighting=bm25 person_power=0', '.6596 / .3900 (ItemKNN, these settings)'],
  ['ncf-ml-1m', 'item-knn', 'weighting=tf-idf shrink=10 neighbours=100 person_power=0', '.6596 / .3900 (ItemKNN)'],
  ['ncf-ml-1m', 'user-knn', '', '.6705 / .3908 (UserKNN)'],
  ['ncf-ml-1m', 'user-knn', 'rows=people neighbours=1 reverse=800 vote_power=1', '.6705 / .3908 (UserKNN, its 800; not for shipping)'],
  ['ncf-ml-1m', 'rp3', '', '.6715 / .3991 (RP3beta)'],
  ['ncf-ml-1m', 'rp3', 'alpha=1.1468 beta=0.5613 neighbours=494 normalise=yes', '.6715 / .3991 (RP3beta, these settings)'],
  ['ncf-ml-1m', 'ease', '', '.709 / .449 (EASE, lambda 500)'],
  ['ncf-ml-1m', 'ease', 'regularization=500 neighbours=4000', '.709 / .449 (EASE, lambda 500)'],
  ['ncf-ml-1m', 'slim', '', ''],
  ['ncf-ml-1m', 'spectral', '', ''],
  ['ncf-ml-1m', 'bpr', '', ''],
  ['ncf-ml-1m', 'warp', '', ''],
  ['ncf-ml-1m', 'hybrid', '--members=als,ease,pure-svd,slim --metric=ndcg@10 candidates=random fraction=0.02 people=6040 als.factors=128 ease.regularization=500 ease.neighbours=4000',
    'aim .738 / .460'],
  ['ncf-ml-1m', 'simplex', '', ''],
  ['ncf-ml-1m', 'item2vec', '', ''],
  ['ml-100k', 'als', '', '.925 / - (folded); SVD++ .919 / .721'],
  ['ml-100k', 'svd', 'factors=0', '.944 / .748 (BaselineOnly)'],
  ['ml-100k', 'svd', '', '.934 / .737 (SVD)'],
  ['ml-100k', 'svdpp', '', '.919 / .721 (SVD++)'],
  ['ml-100k', 'nmf', '', '.963 / .758 (NMF)'],
  ['ml-100k', 'item-knn', '', '.931 / .733 (k-NN baseline)'],
  ['ml-100k', 'knn-baseline', '', '.931 / .733 (k-NN baseline)'],
  ['ml-100k', 'user-knn', 'feedback=explicit', '.951 / .749 (centred k-NN)'],
  ['ml-100k', 'slope-one', '', '.946 / .743 (Slope One)'],
  ['ml-100k', 'hybrid', '--members=als,svdpp,svd,nmf,knn-baseline,user-knn,slope-one', 'aim .900'],
  ['beauty', 'popular', '', '.0152 / .0068 (PopRec)'],
  ['beauty', 'gru', 'epochs=30 patience=4 dropout_input=0.5 dropout_hidden=0.5', '.0283 / .0137 (GRU4Rec)'],
  ['beauty', 'lstm', 'epochs=30 patience=4', '.0283 / .0137 (GRU4Rec)'],
  ['yoochoose', 'popular', '', ''],
  ['yoochoose', 'item-knn', '', ''],
  ['yoochoose', 'gru', 'factors=100 epochs=25 dropout_input=0.5 dropout_hidden=0.3', '.5711 / .3289 (GRU4Rec), .6098 / .3342 (VSKNN), their lists'],
  ['yoochoose', 'lstm', 'factors=100 epochs=25 dropout_input=0.5 dropout_hidden=0.3', '.5711 / .3289 (GRU4Rec), .6098 / .3342 (VSKNN), their lists'],
  ['ml-next', 'popular', '', ''],
  ['ml-next', 'item-knn', 'feedback=implicit neighbours=20', ''],
  ['ml-next', 'lstm', 'factors=128 batch=8 epochs=17 learning_rate=.002 dropout_input=0.5 dropout_hidden=0.5', ''],
  ['ml-latest-small', 'popular', '', ''],
  ['ml-latest-small', 'als', 'feedback=implicit', ''],
  ['ml-latest-small', 'item-knn', 'feedback=implicit', ''],
  ['ml-latest-small', 'user-knn', 'feedback=implicit', ''],
  ['ml-latest-small', 'ease', '', ''],
  ['ml-latest-small', 'bpr', '', ''],
  ['ml-latest-small', 'content', '', ''],
  ['ml-latest-small', 'hybrid', '--members=als,item-knn,ease als.feedback=implicit item-knn.feedback=implicit', ''],
  ['book-crossing', 'popular', '', ''],
  ['book-crossing', 'als', 'feedback=implicit', ''],
  ['book-crossing', 'item-knn', 'feedback=implicit', ''],
  ['book-crossing', 'rp3', '', ''],
  ['book-crossing', 'bpr', '', ''],
  ['book-crossing', 'hybrid', '--members=als,item-knn,rp3 als.feedback=implicit item-knn.feedback=implicit', ''],
];

// ---------------------------------------------------------------------- cells

const keyOf = (row) => createHash('sha256').update(JSON.stringify([row.slice(0, 3), SETS[row[0]].words, SETS[row[0]].metrics])).digest('hex').slice(0, 16);
const pathOf = (row) => join(kept, `${row[0]}-${row[1]}-${keyOf(row)}.json`);
const done = (row) => (existsSync(pathOf(row)) ? JSON.parse(readFileSync(pathOf(row), 'utf8')) : null);
const absent = (name) => SETS[name].files.filter((file) => !existsSync(join(data, file)));
const label = ([set, family, settings]) => [set, family, settings].filter(Boolean).join(' ');

/** The command of a row; with `where` data files have their paths. */
function commandOf([set, family, settings], where) {
  const { words, metrics, files } = SETS[set];
  const placed = words.split(' ').map((word) => (where && files.includes(word) ? join(where, word) : word));
  return ['eval', '--train', family, ...settings.split(' ').filter(Boolean).flatMap((s) => (s.startsWith('--') ? [s] : ['--set', s])), ...placed, '--metrics', metrics.join(',')];
}

/** What a command answers; { failed } when it refuses. */
function answer(args, under) {
  const [command, ...words] = [...under, program, ...args, '--json'];
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) return { failed: (error ? error.message : stderr.trim().split('\n').find((line) => line.startsWith('inkling'))) || `exit ${status}` };
  return JSON.parse(stdout);
}

function keep(cell, path) {
  mkdirSync(kept, { recursive: true });
  if (!cell.failed) writeFileSync(path, JSON.stringify(cell));
  return cell;
}

const measure = (args, under, path) => keep(answer(args, under), path);

/** Trains a pack, measures it, throws it away. */
function measureApart([set, family, settings], under, path) {
  const { prepare, train, words, metrics } = SETS[set], places = prepare(), pack = join(kept, 'apart.safetensors');
  const placed = (text) => text.split(' ').map((word) => places[word] ?? word), start = Date.now();
  const made = answer(['train', family, ...settings.split(' ').filter(Boolean).flatMap((s) => ['--set', s]), ...placed(train), '-o', pack], under);
  const seconds = (Date.now() - start) / 1000;
  if (made.failed) return made;
  rmSync(`${pack}.training`, { force: true });                /* who is who differs between the files: a point is no person of the training */
  const cell = answer(['eval', pack, ...placed(words), '--metrics', metrics.join(',')], under);
  rmSync(pack, { force: true });
  return keep(cell.failed ? cell : { ...cell, trained: { seconds } }, path);
}

// ---------------------------------------------------------------------- tables

const figure = (x) => (x == null ? '-' : x.toFixed(4).replace(/^0\./, '.'));
const figures = (metrics, names) => names.map((name) => figure(metrics[name].value)).join(' / ');
const ranges = (metrics, names) => names.map((name) => metrics[name].ci95.map(figure).join(' to ')).join('; ');

function tableOf(set) {
  const { title, metrics, intervals, words, train } = SETS[set];
  const rows = ROWS.filter((row) => row[0] === set).map((row) => [row, done(row)]).filter(([, cell]) => cell);
  if (!rows.length) return '';
  const person = rows.some(([, cell]) => cell.trained_person), names = metrics.map((m) => m.toUpperCase().replace('HIT', 'HR')).join(' / ').replace('RECALL', 'recall');
  const head = ['family', `${names}${person ? ', folded' : ''}`, ...(person ? ['trained person'] : []), ...(intervals ? ['95 % of people'] : []), 'seconds of training', 'published'];
  const lines = rows.map(([[, family, settings, published], cell]) => [
    `${family}${settings ? `, ${settings.replaceAll('--', '').replaceAll(' ', ', ').replaceAll('=', ' ')}` : ', defaults'}`, figures(cell.metrics, metrics),
    ...(person ? [cell.trained_person ? figures(cell.trained_person.metrics, metrics) : '-'] : []), ...(intervals ? [ranges(cell.metrics, metrics)] : []),
    cell.trained.seconds.toFixed(cell.trained.seconds < 10 ? 1 : 0), published || '-']);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const command = train ? `    inkling train FAMILY [--set KEY=VALUE ...] ${train} -o PACK\n    inkling eval PACK ${words} --metrics ${metrics.join(',')}`
    : `    inkling eval --train FAMILY [--set KEY=VALUE ...] ${words} --metrics ${metrics.join(',')}`;
  return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...lines.map(line), '', command, ''].join('\n');
}

/** Puts text between a page's two marks; what stands around them is other people's. */
function writeBetween(path, name, written) {
  const text = readFileSync(path, 'utf8'), marks = [`<!-- ${name}: written by ./run results -->`, `<!-- end of ${name} -->`];
  const [first, last] = marks.map((mark) => text.indexOf(mark));
  if (first < 0 || last < first) throw new Error(`${path} has no lines "${marks.join('" and "')}"`);
  writeFileSync(path, `${text.slice(0, first)}${marks[0]}\n\n${written}\n${text.slice(last)}`);
}

const writePage = () => writeBetween(page, 'quality', Object.keys(SETS).map(tableOf).filter(Boolean).join('\n'));

// ---------------------------------------------------------------------- events

/** What `train FAMILY --help` says, or '' when there is no such family. */
const helpOf = (family) => spawnSync(program, ['train', family, '--help'], { encoding: 'utf8' }).stdout.replace(/^[^]*\nSettings of/, '');

function plotEvents(asked) {
  const missing = events.FILES.filter((file) => !existsSync(join(data, file)));
  if (missing.length) { console.log(`left out: events: ${missing.join(', ')} is not in ${data} (set INKLING_DATA)`); return 0; }
  const lines = [];
  let failed = 0;
  for (const [family, colour, words] of events.measurements(helpOf)) {
    const args = words.map((word) => (events.FILES.includes(word) ? join(data, word) : word));
    const path = join(kept, `events-${family.replaceAll(/[^a-z0-9-]+/g, '-')}-${createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16)}.json`);
    if (asked.fresh) rmSync(path, { force: true });
    const cell = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : asked.write ? { failed: 'not measured' } : measure(args, asked.under, path);
    console.log(`events ${family}: ${cell.failed ?? events.line(cell).folded.map(figure).join(' ')}`);
    failed += cell.failed && !asked.write ? 1 : 0;
    if (!cell.failed) lines.push([family, colour, events.line(cell)]);
  }
  if (!lines.length) return failed;
  writeFileSync(join(root, 'docs/images/events.svg'), events.picture(lines));
  writeBetween(eventsPage, 'events', `${events.table(lines)}\n`);
  return failed;
}

// ------------------------------------------------------------------------ all

function wordsOf(argv) {
  const asked = { words: [], under: [], list: false, fresh: false, write: false };
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--under') asked.under = (argv[++i] ?? '').split(' ').filter(Boolean);
    else if (['--list', '--fresh', '--write'].includes(argv[i])) asked[argv[i].slice(2)] = true;
    else if (argv[i].startsWith('-')) throw new Error(`unknown option ${argv[i]}; known are --list, --fresh, --write and --under CMD`);
    else asked.words.push(argv[i]);
  }
  return asked;
}

function main() {
  const asked = wordsOf(process.argv.slice(2)), start = Date.now();
  const rows = ROWS.filter((row) => asked.words.every((word) => label(row).split(' ').includes(word)));
  if (asked.list) { for (const row of rows) console.log(`${done(row) ? 'done' : 'open'}  ${label(row)}`); return 0; }
  if (!rows.length && !asked.words.includes('events')) throw new Error(`no row has the words ${asked.words.join(' ')}; --list shows all`);
  let failed = 0;
  for (const set of asked.write ? [] : new Set(rows.map((row) => row[0]))) {
    if (absent(set).length) console.log(`left out: ${set}: ${absent(set).join(', ')} ${absent(set).length > 1 ? 'are' : 'is'} not in ${data} (set INKLING_DATA)`);
  }
  const open = asked.write ? [] : rows.filter((row) => !absent(row[0]).length);
  open.forEach((row, i) => {
    if (asked.fresh) rmSync(pathOf(row), { force: true });
    const before = done(row), measured = SETS[row[0]].prepare ? measureApart : (r, ...more) => measure(commandOf(r, data), ...more),
      cell = before ?? measured(row, asked.under, pathOf(row)), metrics = SETS[row[0]].metrics;
    const minutes = ((Date.now() - start) / 60000).toFixed(1);
    failed += cell.failed ? 1 : 0;
    console.log(`[${i + 1}/${open.length}, ${minutes} min] ${label(row)}: ${cell.failed ?? figures(cell.metrics, metrics)}${before ? ' (kept)' : ''}${row[3] ? `   published ${row[3]}` : ''}`);
  });
  writePage();
  if (!asked.words.length || asked.words.includes('events')) failed += plotEvents(asked);
  console.log(`wrote ${page}`);
  return failed ? 1 : 0;
}

try {
  process.exit(main());
} catch (error) {
  console.error(`results: ${error.message}`);
  process.exit(2);
}
