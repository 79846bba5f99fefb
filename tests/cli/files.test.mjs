// files.test.mjs - nothing half-written: full disks, quotas, signals, closed outputs; under the asked name stands the
// old file or the whole new one, and no temporary file stays.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { at, folder, put, program, ratingsCsv, run } from './lib.mjs';

put('ratings.csv', ratingsCsv());
put('vectors.csv', Array.from({ length: 4000 }, (_, i) => `v${i},${i + 1},${(i % 7) - 3},${1 / (i + 1)}`).join('\n'));
const TRAIN = ['train', 'als', '--events', 'ratings.csv', '--set', 'factors=8'];
const IMPORT = ['import', 'vectors.csv'];
const dir = (name) => { rmSync(at(name), { recursive: true, force: true }); mkdirSync(at(name)); return at(name); };

test('a quota on the size of files is exit 4, and the old pack stays', () => {
  const place = dir('quota'), out = join(place, 'p.safetensors');
  assert.equal(run([...IMPORT, '-o', out]).code, 0);
  const before = readFileSync(out);
  for (const blocks of [0, 1, 8, 64]) {
    const { code, stderr } = run([...IMPORT, '-o', out, '--scale', 'unit'], { shell: `ulimit -f ${blocks}` });
    assert.equal(code, 4, `${blocks} blocks: ${stderr}`);
    assert.match(stderr, /cannot write .*p\.safetensors: /);
    assert.deepEqual(readdirSync(place), ['p.safetensors']);
    assert.ok(readFileSync(out).equals(before));
  }
});

test('a full disk is exit 4, and nothing stays', (t) => {
  const place = dir('small');
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40k', 'tmpfs', place]).status !== 0) return t.skip('a small disk cannot be mounted here');
  try {
    for (const args of [IMPORT, TRAIN.with(3, put('many.csv', ratingsCsv({ people: 600 })))]) {
      const { code, stderr } = run([...args, '-o', join(place, 'p.safetensors')]);
      assert.equal(code, 4, stderr);
      assert.match(stderr, /No space left/);
      assert.deepEqual(readdirSync(place), []);
    }
  } finally {
    spawnSync('umount', [place]);
  }
});

test('the sidecar and the pack come together or not at all', () => {
  const place = dir('pair'), out = join(place, 'p.safetensors');
  mkdirSync(`${out}.training`);                             // the sidecar's name is taken by a folder
  const { code, stderr } = run([...TRAIN, '-o', out]);
  assert.equal(code, 4, stderr);
  assert.deepEqual(readdirSync(place), ['p.safetensors.training']);
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ending = (child) => new Promise((resolve) => child.on('close', (_, by) => resolve(by)));

// A pipe that is never filled holds the process in the middle of reading.
test('a signal while reading leaves nothing', async () => {
  const place = dir('signal'), out = join(place, 'p.safetensors');
  spawnSync('mkfifo', [at('slow.csv')]);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL']) {
    const child = spawn(program, ['train', 'als', '--events', 'slow.csv', '-o', out], { cwd: folder, stdio: 'ignore' });
    const ended = ending(child);
    await pause(150);
    child.kill(signal);
    assert.equal(await ended, signal);
    assert.deepEqual(readdirSync(place), []);
  }
});

// A pack of 50 MB is long enough in the writing to be met there; the old one must survive.
test('a signal while writing removes what was written and keeps the old pack', async () => {
  const place = dir('writing'), out = join(place, 'p.safetensors');
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (200000, 64), }".padEnd(117) + '\n';
  const numbers = new Float32Array(200000 * 64).map((_, i) => ((i * 2654435761) % 1000) / 1000 + 0.001);
  put('big.npy', Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(header), Buffer.from(numbers.buffer)]));
  run([...IMPORT, '-o', out]);
  const old = readFileSync(out);
  let met = 0;
  for (let k = 0; k < 10 && met < 2; k++) {
    const child = spawn(program, ['import', 'big.npy', '-o', out], { cwd: folder, stdio: 'ignore' });
    const ended = ending(child);
    while (readdirSync(place).length === 1 && child.exitCode === null) await pause(1);
    child.kill(k % 2 ? 'SIGINT' : 'SIGTERM');
    if ((await ended) === null) { run([...IMPORT, '-o', out]); continue; }      // it was faster than we
    met++;
    assert.deepEqual(readdirSync(place), ['p.safetensors']);
    assert.ok(readFileSync(out).equals(old));
  }
  assert.ok(met > 0, 'never met it writing');
  rmSync(at('big.npy'));
});

test('a standard output that is full is exit 4', (t) => {
  if (!existsSync('/dev/full')) return t.skip('there is no /dev/full here');
  for (const args of [['--help'], ['--version'], ['recommend', at('q.safetensors'), '-n', '5', '--json'], [...IMPORT, '-o', '-']]) {
    if (args[0] === 'recommend') run([...IMPORT, '-o', 'q.safetensors']);
    const { status, stderr } = spawnSync('sh', ['-c', 'exec "$0" "$@" > /dev/full', program, ...args], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 4, args.join(' '));
    assert.match(stderr, /No space left/);
  }
});

test('a pack goes to standard output as it goes to a file', () => {
  run([...IMPORT, '-o', 'q.safetensors']);
  const { status, stdout } = spawnSync(program, [...IMPORT, '--name', 'q', '-o', '-'], { cwd: folder });
  assert.equal(status, 0);
  assert.ok(stdout.equals(readFileSync(at('q.safetensors'))));
});

test('devices are written, not replaced; links stay links; rights stay', () => {
  const { status, stderr } = spawnSync(program, [...IMPORT, '-o', '/dev/null'], { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(statSync('/dev/null').isCharacterDevice());
  const place = dir('links');
  run([...IMPORT, '-o', join(place, 'real.safetensors')]);
  chmodSync(join(place, 'real.safetensors'), 0o600);
  symlinkSync('real.safetensors', join(place, 'link.safetensors'));
  assert.equal(run([...IMPORT, '-o', join(place, 'link.safetensors'), '--name', 'new']).code, 0);
  assert.ok(lstatSync(join(place, 'link.safetensors')).isSymbolicLink());
  assert.ok(readFileSync(join(place, 'real.safetensors')).includes('"name":"new"'));
  assert.equal(statSync(join(place, 'real.safetensors')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(place).sort(), ['link.safetensors', 'real.safetensors']);
});

test('a file left behind by a killed run is in nobody\'s way', () => {
  const place = dir('left'), out = join(place, 'p.safetensors');
  put('left/p.safetensors.part-0', 'half');
  assert.equal(run([...IMPORT, '-o', out]).code, 0);
  assert.deepEqual(readdirSync(place).sort(), ['p.safetensors', 'p.safetensors.part-0']);
  assert.equal(readFileSync(`${out}.part-0`, 'utf8'), 'half');
});

test('too little memory is exit 4, without a crash', (t) => {
  const { code, signal, stderr } = run(['bench', '--items', '2000000', '--dimensions', '256'], { shell: 'ulimit -v 400000' });
  if (stderr.includes('AddressSanitizer')) return t.skip('a sanitizer wants more addresses than the limit leaves');
  assert.equal(code, 4, `${signal} ${stderr}`);
  assert.match(stderr, /memory/);
});
