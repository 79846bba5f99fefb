// run.test.mjs - the front door: its words, its refusals, and that set-up has nothing left to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const run = (...args) => spawnSync('./run', args, { encoding: 'utf8' });

test('help lists every command', () => {
  const { status, stdout } = run('help');
  assert.equal(status, 0);
  for (const word of ['setup', 'build', 'test', 'demo', 'bench', 'clean']) assert.match(stdout, new RegExp(`\\./run ${word}\\b`));
});

test('an unknown command is refused in words', () => {
  const { status, stderr } = run('fly');
  assert.equal(status, 1);
  assert.match(stderr, /no command 'fly'/);
});

test('demo refuses what it does not know before it starts', () => {
  const { status, stderr } = run('demo', '--twice');
  assert.equal(status, 1);
  assert.match(stderr, /--twice/);
});

test('a second set-up installs nothing and is quick', () => {
  const started = Date.now();
  const { status, stderr } = run('setup');
  assert.equal(status, 0);
  assert.doesNotMatch(stderr, /installing|npm ci|into build/);
  assert.ok(Date.now() - started < 10_000, 'seconds when all is there');
});
