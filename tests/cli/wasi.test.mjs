// wasi.test.mjs - the command line as a WASI module, in Node: the same words, files, bytes and exit codes. Only training
// with one thread differs in nothing but time.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { at, files, filmsCsv, folder, golden, put, ratingsCsv, readPack, root, run } from './lib.mjs';

const module = join(process.env.INKLING_WASI ?? join(root, 'build/wasi'), 'inkling.wasm');
const skip = existsSync(module) ? false : `${module} is not built`;
if (skip) console.log(`skip: ${skip}`);

function wasi(args, { input = '', env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', join(root, 'tests/run_wasi.mjs'), module, ...args],
    { cwd: folder, input, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  return { code: status, stdout, stderr };
}

put('ratings.csv', ratingsCsv());
put('ratings.csv.gz', gzipSync(ratingsCsv()));
put('films.csv', filmsCsv());
put('gensim.bin', readFileSync(join(golden, 'imports/gensim.bin')));
put('deflated.npz', readFileSync(join(golden, 'imports/deflated.npz')));
run(['train', 'als', '--events', 'ratings.csv', '--items', 'films.csv', '--set', 'factors=8', '-o', 'small.safetensors']);

test('answers are the same bytes as natively', { skip }, () => {
  for (const args of [['recommend', 'small.safetensors', '--history', 'f1,f3', '--explain', '--json'], ['recommend', 'small.safetensors', '--history', 'f1,f3', '--explain'],
    ['similar', 'small.safetensors', 'f1', '--json'], ['inspect', 'small.safetensors', '--json'], ['verify', 'small.safetensors'], ['--help'], ['train', 'als', '--help'], ['--version']]) {
    const native = run(args);
    assert.deepEqual(wasi(args), { code: 0, stdout: native.stdout, stderr: '' }, args.join(' '));
  }
});

test('imports are the same bytes as natively', { skip }, () => {
  for (const args of [['gensim.bin'], ['deflated.npz', '--tensor', 'weights']]) {
    run(['import', ...args, '-o', 'a.safetensors', '--name', 'x']);
    const { code, stderr } = wasi(['import', ...args, '-o', 'b.safetensors', '--name', 'x']);
    assert.equal(code, 0, stderr);
    assert.ok(readFileSync(at('a.safetensors')).equals(readFileSync(at('b.safetensors'))));
  }
});

test('training works, from gzip too, and its pack serves', { skip }, () => {
  const { code, stderr } = wasi(['train', 'als', '--events', 'ratings.csv.gz', '--items', 'films.csv', '--set', 'factors=8', '-o', 'w.safetensors']);
  assert.equal(code, 0, stderr);
  assert.equal(run(['verify', 'w.safetensors']).code, 0);
  assert.deepEqual(readPack(at('w.safetensors')).tensor('als.items').shape, [40, 8]);
  const shown = JSON.parse(wasi(['recommend', 'w.safetensors', '--history', 'f1,f3,f5,f7', '--json']).stdout).items;
  assert.ok(shown.filter((i) => Number(i.id.slice(1)) % 2).length >= 7);
  assert.equal(wasi(['eval', 'w.safetensors', '--test', 'ratings.csv']).code, 3);
  assert.equal(wasi(['eval', 'w.safetensors', '--test', 'ratings.csv', '--allow-overlap', '--json']).code, 0);
});

test('a pack alone is a request', { skip }, () => {
  const input = '{"events":[{"item":"f1"}],"count":2}';
  const want = run(['answer', 'small.safetensors'], { input }).stdout;
  assert.equal(wasi(['small.safetensors'], { input }).stdout, want);
  assert.equal(wasi([], { input, env: { INKLING_PACK: 'small.safetensors' } }).stdout, want);
});

test('exit codes and refusals are those of the native build', { skip }, () => {
  put('bad.csv', 'user,item,rating\na,b,much\n');
  const before = files();
  for (const [args, code] of [[['recomend', 'small.safetensors'], 2], [['recommend', 'small.safetensors', '-n', '0'], 2], [['verify', 'nowhere'], 3],
    [['train', 'als', '--events', 'bad.csv', '-o', 'x.safetensors'], 3], [['import', 'bad.csv', '-o', 'x.safetensors'], 3]]) {
    const native = run(args);
    assert.equal(native.code, code);
    assert.deepEqual(wasi(args), { code, stdout: native.stdout, stderr: native.stderr });
  }
  assert.equal(wasi(['import', 'gensim.bin', '-o', 'no/such/x.safetensors']).code, 4);
  assert.deepEqual(files(), before);
});
