// readme.test.mjs - the README of the command line and the first steps are run: each `$` line, and what it prints. Numbers and the width of
// blanks are not compared (they change with the machine and with what training learns); "..." stands for anything to the end
// of its line, and alone on a line for any number of lines.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { at, filmsCsv, folder, golden, program, put, ratingsCsv, root } from './lib.mjs';

put('ratings.csv', ratingsCsv());
put('films.csv', filmsCsv());
put('others.csv', ratingsCsv({ people: 20, from: 1000, seed: 9 }));
copyFileSync(join(golden, 'imports/gensim.txt'), at('gensim.txt'));
mkdirSync(at('bin'));
symlinkSync(program, at('bin/inkling'));

/** Lines of README blocks as [command, expected output]. */
function examples(text) {
  const out = [];
  for (const [, block] of text.matchAll(/```console\n([\s\S]*?)```/g)) {
    for (const line of block.split('\n').slice(0, -1)) {
      if (line.startsWith('$ ')) out.push([line.slice(2), '']);
      else out.at(-1)[1] += `${line}\n`;
    }
  }
  return out;
}

const quoted = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const loose = (text) => quoted(text).replace(/(\\?[+-])?\d+(\\\.\d+)?/g, '[+-]?\\d+(\\.\\d+)?').replace(/ +/g, ' +');
const pattern = (want) => new RegExp(`^${want.split('\n').slice(0, -1).map((line) => (line === '...' ? '[\\s\\S]*'
  : `${line.split('...').map(loose).join('.*')}\n`)).join('')}$`);

for (const page of ['core/cli/README.md', 'docs/first-steps.md', 'docs/first-steps.zh.md']) {
  const list = examples(readFileSync(join(root, page), 'utf8'));
  test(`${page} has examples`, () => assert.ok(list.length >= 6));
  for (const [command, want] of list) {
    test(`${page}: ${command}`, () => {
      const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: `${at('bin')}:${process.env.PATH}` } });
      assert.match(stdout + stderr, pattern(want));
    });
  }
}
