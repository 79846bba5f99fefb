// families.test.mjs - every family that `inkling train --help` lists, from a file of ratings to a slate: trains, is measured, and
// answers the same bytes natively and as WebAssembly, with reasons that add up to the score's bits.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const program = resolve(process.env.INKLING_BIN ?? 'build/inkling');
const command = resolve(process.env.INKLING_WASI ?? 'build/wasi', 'inkling-edge.wasm'), runner = resolve('tests/run_wasi.mjs');
const folder = mkdtempSync(join(tmpdir(), 'inkling-families-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Sixty films of three kinds; ninety people, each fond of one kind, who saw twelve films of their kind and four others.
const KINDS = ['robots', 'romance', 'horses'], TASTE = 3, PEOPLE = 90, FILMS = 60;
const films = ['id,title,genres'], ratings = ['user,item,rating,timestamp'];
for (let i = 0; i < FILMS; i++) films.push(`f${i},The ${['first', 'second', 'third', 'last'][i % 4]} ${KINDS[i % TASTE]},${KINDS[i % TASTE]}|tag${i % 5}`);
for (let u = 0; u < PEOPLE; u++) {
  for (let k = 0; k < 12; k++) ratings.push(`u${u},f${u % TASTE + TASTE * ((u * 7 + k * 5) % 20)},${4 + (u + k) % 2},${1000 * u + k}`);
  for (let k = 0; k < 4; k++) ratings.push(`u${u},f${(u + 1) % TASTE + TASTE * ((u * 3 + k * 7) % 20)},${1 + (u + k) % 2},${1000 * u + 20 + k}`);
}
writeFileSync(join(folder, 'r.csv'), ratings.join('\n'));
writeFileSync(join(folder, 'f.csv'), films.join('\n'));

/** What a family needs beside its defaults: small and quick. */
const SETTINGS = {
  hybrid: ['--members', 'als,item-knn,popular'],
  lstm: ['--set', 'factors=16', '--set', 'epochs=4'], gru: ['--set', 'factors=16', '--set', 'epochs=4'],
  als: ['--set', 'factors=8'], svd: ['--set', 'factors=8'], svdpp: ['--set', 'factors=8'], 'pure-svd': ['--set', 'factors=8'],
};
/** A pack that knn-baseline wrote is item-knn's: the engine knows one family for both. */
const SERVED_BY = { 'knn-baseline': 'item-knn' };

const help = execFileSync(program, ['train', '--help'], { encoding: 'utf8' });
const families = [...help.matchAll(/^ {2}([a-z0-9-]+) +\S/gm)].map(([, name]) => name).filter((name) => spawnSync(program, ['train', name, '--help']).status === 0);

const inkling = (...args) => execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function answer(name, args, request) {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: folder, input: request, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

/** The float that reasons add up to, as eight hexadecimal digits. */
function bitsOf(reasons) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, reasons.reduce((sum, { weight }) => sum + weight, 0));
  return view.getUint32(0).toString(16).padStart(8, '0');
}

test('the help lists the families', () => {
  for (const name of ['als', 'bpr', 'content', 'ease', 'gru', 'hybrid', 'item-knn', 'knn-baseline', 'popular', 'user-knn', 'warp']) assert.ok(families.includes(name), name);
  assert.ok(families.length >= 23, families.join(' '));
});

for (const family of families) {
  test(`${family}: trained, measured, and the same answer natively and as WebAssembly`, (t) => {
    const pack = `${family}.safetensors`, settings = SETTINGS[family] ?? [];
    inkling('train', family, '--events', 'r.csv', '--items', 'f.csv', ...settings, '-o', pack);
    const measured = JSON.parse(inkling('eval', '--train', family, ...settings, '--events', 'r.csv', '--items', 'f.csv', '--split', 'users:20%', '--metrics', 'recall@10', '--json'));
    assert.ok(measured.metrics['recall@10'].value >= 0 && measured.users > 0);
    const events = [0, 3, 6, 9, 12].map((i, at) => ({ item: `f${i}`, kind: 'rating', value: 5, time: at })).concat({ item: 'f1', kind: 'rating', value: 1, time: 9 });
    const request = JSON.stringify({ events, count: 10, explain: true });
    const native = answer(program, ['answer', pack], request), slate = JSON.parse(native);
    assert.equal(slate.model, SERVED_BY[family] ?? family);
    assert.equal(slate.items.length, 10);
    for (const { id, score_bits, reasons } of slate.items) {
      assert.equal(bitsOf(reasons), score_bits, `${family}: reasons of ${id}`);
      assert.ok(!events.some(({ item }) => item === id), `${id} was met`);
    }
    if (!existsSync(command)) return t.skip(`${command} is not built`);
    assert.equal(answer(process.execPath, ['--no-warnings', runner, command, pack], request), native);
  });
}
