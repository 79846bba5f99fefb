// checkpoint.test.mjs - train --checkpoint: a run that was killed at any moment goes on to the bytes of an unbroken one; what is damaged, of
// another run or cannot be written is told, and the checkpoint before stays.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { at, files, folder, program, put, random, run } from './lib.mjs';

const draw = random(5);
const lines = [];
for (let u = 0; u < 300; u++) {
  let item = Math.floor(draw() * 80);
  const items = [];
  for (let e = 0; e < 12; e++) items.push(`i${(item = (item + 1 + Math.floor(draw() * 2)) % 80)}`);
  lines.push(`u${u} ${items.join(' ')}`);
}
put('walks.txt', `${lines.join('\n')}\n`);
const words = (out, ...more) => ['train', 'gru', '--events', 'walks.txt', '--format', 'sequence', '-o', out, '--seed', '3', '--name', 'walks', '--set', 'factors=16',
  '--set', 'epochs=8', '--set', 'held_back=50', ...more];
const saved = () => readFileSync(at('run.state'));

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts training and kills it when it has kept something new; gives false where it was faster than that. */
async function killed(args) {
  const before = existsSync(at('run.state')) ? saved() : null;
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
  const ended = new Promise((done) => { child.on('exit', (code, signal) => done(signal === 'SIGKILL')); });
  for (let wait = true; wait && child.exitCode === null;) {
    await pause(2);
    wait = !existsSync(at('run.state')) || (before !== null && saved().equals(before));
  }
  child.kill('SIGKILL');
  return ended;
}

test('killed again and again, it ends with the bytes of an unbroken run', async () => {
  assert.equal(run(words('whole.safetensors')).code, 0);
  const whole = readFileSync(at('whole.safetensors'));
  let kills = 0;
  for (let i = 0; i < 3; i++) kills += await killed(words('killed.safetensors', '--checkpoint', 'run.state'));
  assert.ok(kills >= 1);
  const { code, stderr } = run(words('killed.safetensors', '--checkpoint', 'run.state', '--threads', '1'));
  assert.equal(code, 0, stderr);
  assert.ok(readFileSync(at('killed.safetensors')).equals(whole));
  for (const rest of files().filter((f) => f.includes('.part-'))) rmSync(at(rest));   // what SIGKILL left half-written
});

test('damaged, cut and foreign checkpoints are refused, and stay', () => {
  const good = saved();
  const refused = (bytes, what, ...more) => {
    writeFileSync(at('run.state'), bytes);
    const { code, stderr } = run(words('refused.safetensors', '--checkpoint', 'run.state', ...more));
    assert.equal(code, 3, stderr);
    for (const word of [what, 'checkpoint', 'remove the file']) assert.ok(stderr.includes(word), stderr);
    assert.ok(saved().equals(bytes) && !existsSync(at('refused.safetensors')));
  };
  const damaged = Buffer.from(good);
  damaged[good.length >> 1] ^= 4;
  refused(damaged, 'a damaged checkpoint');
  refused(good.subarray(0, 100), 'a damaged checkpoint');
  refused(Buffer.from('hello'), 'no checkpoint');
  refused(good, 'another run', '--set', 'clip=4');
});

test('a disk that is full is told, and ends training', { skip: !existsSync('/dev/full') && 'no /dev/full here' }, () => {
  const { code, stderr } = run(words('full.safetensors', '--checkpoint', '/dev/full'));
  assert.equal(code, 4, stderr);
  assert.match(stderr, /cannot write \/dev\/full: No space left/);
  assert.ok(!existsSync(at('full.safetensors')));
});

test('divergence says at which step, and the checkpoint before stays', () => {
  rmSync(at('run.state'));
  const args = words('wild.safetensors', '--set', 'optimiser=sgd', '--set', 'clip=0', '--set', 'schedule=constant', '--set', 'warmup=20',
    '--set', 'learning_rate=10', '--set', 'loss=bpr-max', '--set', 'score_penalty=100', '--set', 'batch=300', '--checkpoint', 'run.state');
  const { code, stderr } = run(args);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /DIVERGED.*step \d+/);
  assert.ok(existsSync(at('run.state')) && !existsSync(at('wild.safetensors')));
  assert.equal(run(args).stderr, stderr, 'from the checkpoint it comes to the same step');
});
