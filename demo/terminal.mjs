#!/usr/bin/env node
// terminal.mjs - the demo without a browser: learns two models from real ratings with the command line, packs them into one file, then
// asks it for three people who have told it four films each, and prints what it answers and why.
// Writes build/data/movielens.safetensors, which answers by taste, and movielens-page.safetensors, which has both models. A request
// that names no model is answered by what reads the order of events, where a pack has that; ratings that were given in one evening
// say little by their order, so whoever only takes a file takes the first, and the page names the model that it wants.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const inkling = join(root, 'build/inkling'), data = join(root, 'build/data/movielens');
const pack = join(root, 'build/data/movielens.safetensors'), both = join(root, 'build/data/movielens-page.safetensors');

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : String(text));
const bold = paint('1'), dim = paint('2'), warm = paint('38;5;173'), cool = paint('38;5;67');

const PEOPLE = [
  ['likes space and machines', ['260', '2571', '1240', '541']],
  ['likes what children like', ['1', '364', '588', '2081']],
  ['likes it dark', ['593', '47', '296', '608']],
];

/** Small enough for a page, and trained within a minute. */
const GRU = ['factors=32', 'epochs=8', 'batch=8', 'item_bias=no', 'dropout_input=.2', 'dropout_hidden=.2', 'learning_rate=.005', 'precision=int8'];

/** Films are kept as "Matrix, The"; people say "The Matrix". */
const spoken = (title) => title.replace(/^(.*?), (The|A|An)(?= \(|$)/, '$2 $1');

function run(words) {
  console.log(dim(`$ inkling ${words.map((w) => w.replace(`${root}/`, '')).map((w) => (/[ ,:]/.test(w) ? `"${w}"` : w)).join(' ')}\n`));
  execFileSync(inkling, words, { stdio: 'inherit' });
}

/** Taste by als; with order by gru, two models of the same films in one file. */
function train() {
  const files = ['--events', join(data, 'ratings.csv'), '--items', join(data, 'items.csv'), '--liked-from', '3.5'], next = join(data, 'next.safetensors');
  run(['train', 'als', ...files, '--set', 'feedback=implicit', '--set', 'precision=f32+int8',
    '--name', 'MovieLens small', '--licence', 'GroupLens, University of Minnesota: research use, no commercial use', '-o', pack]);
  run(['train', 'gru', ...files, ...GRU.flatMap((setting) => ['--set', setting]), '-o', next]);
  run(['pack', '--model', next, '--into', pack, '--name', 'MovieLens small',
    '--licence', 'GroupLens, University of Minnesota: research use, no commercial use', '-o', both]);
}

const answer = (request) => JSON.parse(execFileSync(inkling, ['answer', both], { input: JSON.stringify(request), encoding: 'utf8' }));

/** Titles of some films: ranking a list gives its properties. */
function titlesOf(ids) {
  const { items } = answer({ path: '/v1/rank', items: ids, properties: ['title'] });
  return new Map(items.map(({ id, properties }) => [id, spoken(properties.title ?? id)]));
}

/** "because of A (62 %) and B (21 %)": the shares of what spoke for it. */
function because(reasons, titles) {
  const events = reasons.filter(({ kind, weight }) => kind === 'event' && weight > 0);
  const sum = events.reduce((s, { weight }) => s + weight, 0);
  return events.slice(0, 2).map(({ item, weight }) => `${titles.get(item)} (${Math.round((100 * weight) / sum)} %)`).join(' and ');
}

function show([who, liked]) {
  const titles = titlesOf(liked);
  const events = liked.map((item) => ({ item, kind: 'like' }));
  const { items, rows } = answer({ model: 'als', events, count: 6, explain: true, properties: ['title', 'year', 'genres'] });
  console.log(`\n${bold(`Somebody who ${who}:`)} ${liked.map((id) => cool(titles.get(id))).join(', ')}\n`);
  const best = items[0]?.score ?? 1;
  for (const { position, score, reasons, properties } of items) {
    const bar = '█'.repeat(Math.max(1, Math.round((12 * score) / best))).padEnd(12, '·');
    console.log(`  ${position + 1}. ${warm(bar)} ${bold(spoken(properties.title))} ${dim(`${properties.year ?? ''}  ${(properties.genres ?? []).join(', ')}`)}`);
    console.log(`     ${' '.repeat(12)} ${dim('because of')} ${because(reasons, titles)}`);
  }
  return rows;
}

/** The same films in two orders: the second model answers with what comes next. */
function showOrder() {
  const liked = [...PEOPLE[1][1].slice(0, 2), ...PEOPLE[2][1].slice(0, 2)];
  const titles = titlesOf(liked);
  console.log(`\n${bold('The order of the last films, read by the second model:')}\n`);
  for (const order of [liked, [...liked].reverse()]) {
    const { items } = answer({ model: 'gru', events: order.map((item) => ({ item, kind: 'like' })), count: 4, properties: ['title'] });
    console.log(`  ${order.map((id) => cool(titles.get(id))).join(' → ')}\n    ${dim('next:')} ${items.map(({ properties }) => bold(spoken(properties.title))).join(', ')}`);
  }
}

train();
const rows = PEOPLE.map(show).at(-1);
showOrder();
console.log(`\n${dim(`${rows} films were scored for each answer, from this person's events alone: nobody else is in the pack.`)}`);
console.log(dim('Data: MovieLens, GroupLens Research (demo/data.md has the terms). The same engine answers in the page, with the same bits.'));
