#!/usr/bin/env node
// terminal.mjs - the demo without a browser: learns a pack from real ratings with the command line, then
// asks it for three people who have told it four films each, and prints what it answers and why.
// Writes build/data/movielens.safetensors, which the page of the demo uses too.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const inkling = join(root, 'build/inkling'), data = join(root, 'build/data/movielens'), pack = join(root, 'build/data/movielens.safetensors');

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : String(text));
const bold = paint('1'), dim = paint('2'), warm = paint('38;5;173'), cool = paint('38;5;67');

const PEOPLE = [
  ['likes space and machines', ['260', '2571', '1240', '541']],
  ['likes what children like', ['1', '364', '588', '2081']],
  ['likes it dark', ['593', '47', '296', '608']],
];

/** Films are kept as "Matrix, The"; people say "The Matrix". */
const spoken = (title) => title.replace(/^(.*?), (The|A|An)(?= \(|$)/, '$2 $1');

function train() {
  const words = ['train', 'als', '--events', join(data, 'ratings.csv'), '--items', join(data, 'items.csv'),
    '--set', 'feedback=implicit', '--liked-from', '3.5', '--set', 'precision=f32+int8',
    '--name', 'MovieLens small', '--licence', 'GroupLens, University of Minnesota: research use, no commercial use', '-o', pack];
  console.log(dim(`$ inkling ${words.map((w) => w.replace(`${root}/`, '')).map((w) => (/[ ,:]/.test(w) ? `"${w}"` : w)).join(' ')}\n`));
  execFileSync(inkling, words, { stdio: 'inherit' });
}

const answer = (request) => JSON.parse(execFileSync(inkling, ['answer', pack], { input: JSON.stringify(request), encoding: 'utf8' }));

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
  const { items, rows } = answer({ events, count: 6, explain: true, properties: ['title', 'year', 'genres'] });
  console.log(`\n${bold(`Somebody who ${who}:`)} ${liked.map((id) => cool(titles.get(id))).join(', ')}\n`);
  const best = items[0]?.score ?? 1;
  for (const { position, score, reasons, properties } of items) {
    const bar = '█'.repeat(Math.max(1, Math.round((12 * score) / best))).padEnd(12, '·');
    console.log(`  ${position + 1}. ${warm(bar)} ${bold(spoken(properties.title))} ${dim(`${properties.year ?? ''}  ${(properties.genres ?? []).join(', ')}`)}`);
    console.log(`     ${' '.repeat(12)} ${dim('because of')} ${because(reasons, titles)}`);
  }
  return rows;
}

train();
const rows = PEOPLE.map(show).at(-1);
console.log(`\n${dim(`${rows} films were scored for each answer, from this person's events alone: nobody else is in the pack.`)}`);
console.log(dim('Data: MovieLens, GroupLens Research (demo/data.md has the terms). The same engine answers in the page, with the same bits.'));
